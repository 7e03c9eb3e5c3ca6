"""Results of several runs side by side, compared where that is meaningful."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trainer.comparison.basis import SAME, Basis, Doubt, doubt_of
from trainer.config import UNTOLD, Directions, ranked_metrics
from trainer.format import is_finite, number, percent
from trainer.statistics import Summary, summarize
from trainer.tracking import Run, Status

__all__ = ["Result", "doubts", "group_results", "results", "signed", "undirected"]

_MOST_PERCENT, _LEAST_PERCENT = 999.0, -99.9
_NO_BASES: Mapping[str, Basis] = {}


class Result(NamedTuple):
    """One run's value of one metric, compared with the first run's. `better` is None if it is unknown.

    `value` belongs to the weights that were kept; `last` is the value of the last epoch if it differs.
    """

    value: float | None
    delta: float | None
    percent: float | None
    better: bool | None
    best: bool
    last: float | None = None


def results(
    runs: Sequence[Run],
    awaited: Iterable[str] = (),
    bases: Mapping[str, Basis] = _NO_BASES,
    directions: Directions = UNTOLD,
) -> dict[str, tuple[Result, ...]]:
    """Return metric → one result per run, the most informative metric first, with differences from the first run.

    Args:
        runs: in the order of the results.
        awaited: metrics that get a row before any run has logged them.
        bases: run id → the data and loss that its results were measured with. If they differ, there is no best value
            and no difference; if they are unknown, a difference is neither better nor worse.
        directions: the directions in which metrics improve; a metric without one has no best value.
    """
    table = {}
    for name in ranked_metrics({name for run in runs for name in run.metrics} | set(awaited)):
        values = {run.run_id: run.kept_metrics[name] for run in runs if name in run.metrics}
        direction = directions.higher_is_better(name)
        top = set() if _doubt(name, list(values), bases) else _best(values, direction)
        first = runs[0].run_id
        table[name] = tuple(
            _result(
                direction,
                values.get(run.run_id),
                None if run.run_id == first else values.get(first),
                best=run.run_id in top,
                doubt=_doubt(name, [first, run.run_id], bases),
            )._replace(last=_last(run, name))
            for run in runs
        )
    return table


def doubts(runs: Sequence[Run], bases: Mapping[str, Basis]) -> dict[str, tuple[str, ...]]:
    """Return reason → metrics that are not comparable for that reason, the most informative first."""
    found: dict[str, list[str]] = {}
    for name in ranked_metrics(name for run in runs for name in run.metrics):
        doubt = _doubt(name, [run.run_id for run in runs if name in run.metrics], bases)
        if doubt is not None:
            found.setdefault(doubt.words, []).append(name)
    return {words: tuple(names) for words, names in found.items()}


def undirected(runs: Sequence[Run], directions: Directions) -> tuple[str, ...]:
    """Return the metrics that differ between runs and have no known direction of improvement."""
    values: dict[str, set[float]] = {}
    for run in runs:
        for name, value in run.kept_metrics.items():
            # One NaN for all: a set tells apart NaNs that are different objects.
            values.setdefault(name, set()).add(value if value == value else math.nan)
    differing = (name for name, found in values.items() if len(found) > 1)
    return tuple(name for name in ranked_metrics(differing) if directions.higher_is_better(name) is None)


def _doubt(name: str, run_ids: Sequence[str], bases: Mapping[str, Basis]) -> Doubt | None:
    return doubt_of([bases.get(run_id, SAME) for run_id in run_ids], name)


def group_results(
    groups: Sequence[Sequence[Run]], awaited: Iterable[str] = ()
) -> dict[str, tuple[Summary | None, ...]]:
    """Return metric → one summary per group over its finished runs, None if none of them has the metric.

    A run counts with the value of the weights that it kept; `awaited` metrics get a row before a run has logged them.
    """
    finished = [[run for run in group if run.status is Status.FINISHED] for group in groups]
    names = {name for group in finished for run in group for name in run.metrics} | set(awaited)
    return {
        name: tuple(summarize(run.kept_metrics[name] for run in group if name in run.metrics) for group in finished)
        for name in ranked_metrics(names)
    }


def _last(run: Run, name: str) -> float | None:
    """Return the last epoch's value if another epoch's weights were kept."""
    last, kept = run.metrics.get(name), run.kept_metrics.get(name)
    are_both_nan = last != last and kept != kept
    return None if last == kept or are_both_nan else last


def _best(values: Mapping[str, float], direction: bool | None) -> set[str]:
    """Return the keys of the best finite values; none without a direction, or if all are equal."""
    comparable = {key: value for key, value in values.items() if value == value}
    if direction is None or len(set(comparable.values())) < 2:
        return set()
    finite = [value for value in comparable.values() if is_finite(value)]
    top = (max(finite) if direction else min(finite)) if finite else None
    return {key for key, value in comparable.items() if value == top}


def _result(
    higher_is_better: bool | None,
    value: float | None,
    reference: float | None,
    *,
    best: bool,
    doubt: Doubt | None = None,
) -> Result:
    is_measured = value is not None and reference is not None and is_finite(value) and is_finite(reference)
    if not is_measured or value is None or reference is None or (doubt is not None and doubt.is_known):
        return Result(value, None, None, None, best)
    delta = value - reference
    direction = None if doubt else higher_is_better
    better = None if direction is None or not delta else (delta > 0) is direction
    return Result(value, delta, 100 * delta / abs(reference) if reference else None, better, best)


def signed(result: Result) -> str:
    """Return the difference in words: `+0.0121 (+1.3 %)`, `+51,000 (510,000 times)`; empty if there is none."""
    if result.delta is None or result.value is None:
        return ""
    sign = "+" if result.delta > 0 else "±" if result.delta == 0 else ""
    words = f"{sign}{number(result.delta, 3)}"
    if result.percent is None:
        return words
    relative = _relative(result.percent, result.value, result.value - result.delta)
    return f"{words} ({relative})" if relative else words


def _relative(share: float, value: float, reference: float) -> str:
    """Return per cent, or a factor from ten times up, since large percentages are hard to read.

    Empty if the sign changed.
    """
    if not share:
        return "0 %"
    if abs(share) <= _MOST_PERCENT and (share > _LEAST_PERCENT or not value):
        return percent(share / 100, signed=True)
    if not value or not reference or (value > 0) is not (reference > 0):
        return ""
    larger, smaller = max(abs(value), abs(reference)), min(abs(value), abs(reference))
    factor = _two_digits(larger / smaller)
    return f"{number(factor)} times" if larger == abs(value) else f"1/{number(factor)}"


def _two_digits(factor: float) -> float:
    return float(f"{factor:.2g}")
