"""Which params matter for a metric, over many runs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["FEWEST_RUNS", "METHOD", "RESAMPLES", "Importance", "importances"]

FEWEST_RUNS = 20
"""Runs below which a ranking of params is mostly chance."""
METHOD = "permutation importance of a random forest"
RESAMPLES = 30
"""Number of bootstrap resamples that an interval is taken from."""
_TREES = 30


class Importance(NamedTuple):
    """How much of the metric's variance a model of it loses without a param, with the 95 % interval over resamples."""

    param: str
    value: float
    low: float
    high: float


def importances(
    runs: Sequence[Mapping[str, str | float]], values: Sequence[float], *, seed: int = 0
) -> tuple[Importance, ...] | None:
    """Rank params by the permutation importance of a random forest (Breiman 2001), largest first.

    Each resample draws runs with replacement, fits a forest, and permutes each param among the runs that were not
    drawn; the importance is the drop of R² there. Params that are the same in every run are left out. A param that
    some runs lack counts as having a value of its own there.

    Args:
        runs: the params of each run.
        values: the metric of each run; runs whose value is not finite do not count.
        seed: of the resampling and of the forests.

    None with fewer than `FEWEST_RUNS` runs, without a param that varies, or where the metric is the same in every run.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    kept = [index for index, value in enumerate(values) if math.isfinite(value)]
    target = np.asarray([values[index] for index in kept], float)
    columns = _columns([runs[index] for index in kept])
    if len(kept) < FEWEST_RUNS or not columns or np.ptp(target) == 0:
        return None
    table = np.asarray(list(columns.values()), float).T
    random = np.random.default_rng(seed)
    drops = []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(target), len(target))
        left = np.setdiff1d(np.arange(len(target)), drawn)
        if len(left) < 2 or np.ptp(target[drawn]) == 0:
            continue
        forest = RandomForestRegressor(_TREES, random_state=int(random.integers(2**31)), n_jobs=1)
        forest.fit(table[drawn], target[drawn])
        drops.append(_drops(forest, table[left], target[left], random, np.var(target)))
    low, high = np.quantile(drops, [0.025, 0.975], axis=0)
    means = np.mean(drops, axis=0)
    rows = (Importance(*row) for row in zip(columns, means.tolist(), low.tolist(), high.tolist(), strict=True))
    return tuple(sorted(rows, key=lambda each: -each.value))


def _columns(runs: Sequence[Mapping[str, str | float]]) -> dict[str, list[float]]:
    """Param → a number for each run: the value, or the place of a text among the sorted ones."""
    names = sorted({name for run in runs for name in run})
    found = {name: _numbers([run.get(name) for run in runs]) for name in names}
    return {name: column for name, column in found.items() if len(set(column)) > 1}


def _numbers(values: Sequence[str | float | None]) -> list[float]:
    parsed = [_number(value) for value in values]
    if all(value is None or number is not None for value, number in zip(values, parsed, strict=True)):
        known = [number for number in parsed if number is not None]
        missing = min(known, default=0.0) - 1
        return [missing if number is None else number for number in parsed]
    places = {text: float(place) for place, text in enumerate(sorted({str(value) for value in values}))}
    return [places[str(value)] for value in values]


def _number(value: str | float | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _drops(forest: Any, table: Any, target: Any, random: Any, variance: float) -> list[float]:
    """The drop of R² for each column, over the runs that the forest has not seen."""
    import numpy as np

    def error(rows: Any) -> float:
        return float(np.mean((forest.predict(rows) - target) ** 2))

    base = error(table)
    drops = []
    for column in range(table.shape[1]):
        shuffled = table.copy()
        shuffled[:, column] = random.permutation(shuffled[:, column])
        drops.append((error(shuffled) - base) / variance)
    return drops
