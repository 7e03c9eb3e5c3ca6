"""Mean ranks of configs that were run on several datasets, whose results have no common mean."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

from trainer.comparison.basis import Basis, doubt_of
from trainer.comparison.sides import Side
from trainer.config import UNTOLD, Directions
from trainer.format import counted, number
from trainer.statistics import ALPHA, MeanRanks, holm, mean_ranks

__all__ = ["Ranking", "ranking_words", "rankings"]

_FEWEST = 2
"""Configs, and datasets of each, below which there is nothing to rank."""

_Cells = dict[object, int]
"""Dataset → index of the side that has the runs of one config on it."""


class Ranking(NamedTuple):
    """The mean ranks of configs in one metric, each the mean over its runs on each of the datasets.

    `places` are the indices of the sides of each config, in the order of `datasets`, and `values` their means. The keys
    of `found.ranks` are the indices of the configs as text. `p` is Friedman's p value after Holm's correction over all
    metrics that are ranked; None if `found.p` is. `left_out` datasets do not have a result of every config.
    """

    metric: str
    datasets: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]
    values: tuple[tuple[float, ...], ...]
    found: MeanRanks
    p: float | None
    left_out: int

    @property
    def ranks(self) -> tuple[float, ...]:
        """The mean rank of each config, 1 for the best."""
        return tuple(self.found.ranks.values())

    @property
    def better(self) -> tuple[tuple[int, int], ...]:
        """Pairs of configs of which the first is better: Friedman's test finds a difference, Nemenyi's this one."""
        critical = self.found.critical
        if self.p is None or critical is None or self.p >= ALPHA:
            return ()
        pairs = [
            (one, other) if self.ranks[one] < self.ranks[other] else (other, one)
            for one, other in combinations(range(len(self.ranks)), 2)
        ]
        return tuple((one, other) for one, other in pairs if self.ranks[other] - self.ranks[one] >= critical)


def rankings(
    sides: Sequence[Side], metrics: Sequence[str], *, bases: Mapping[str, Basis], directions: Directions = UNTOLD
) -> tuple[Ranking, ...]:
    """Rank the configs that were run on two or more datasets, in each metric with a known direction.

    Args:
        sides: what is compared; a config has a side for each of its datasets.
        metrics: names of metrics.
        bases: run id → the data and the loss that its results were measured with.
        directions: the directions in which metrics improve.

    Empty with fewer than two such configs, or fewer than two datasets with results of all of them.
    """
    configs = _configs(sides, bases)
    datasets = list(dict.fromkeys(data for cells in configs for data in cells))
    found = [
        each
        for metric in metrics
        if len(configs) >= _FEWEST
        and (higher := directions.higher_is_better(metric)) is not None
        and (each := _ranking(sides, configs, datasets, metric, bases, higher)) is not None
    ]
    known = [place for place, each in enumerate(found) if each.found.p is not None]
    corrected = dict(zip(known, holm([found[place].found.p or 0.0 for place in known]), strict=True))
    return tuple(each._replace(p=corrected.get(place)) for place, each in enumerate(found))


def _configs(sides: Sequence[Side], bases: Mapping[str, Basis]) -> list[_Cells]:
    """Return the configs with one side on each of several datasets; those with two on a dataset cannot be ranked."""
    found: dict[str, _Cells] = {}
    ambiguous = set()
    for place, side in enumerate(sides):
        if side.method and side.finished:
            cells = found.setdefault(side.method, {})
            data = bases[side.finished[0].run_id].data or side.dataset
            if cells.setdefault(data, place) != place:
                ambiguous.add(side.method)
    return [cells for method, cells in found.items() if len(cells) >= _FEWEST and method not in ambiguous]


def _ranking(
    sides: Sequence[Side],
    configs: Sequence[_Cells],
    datasets: Sequence[object],
    metric: str,
    bases: Mapping[str, Basis],
    higher: bool,
) -> Ranking | None:
    kept = [data for data in datasets if _has_results(sides, configs, data, metric, bases)]
    places = tuple(tuple(cells[data] for data in kept) for cells in configs)
    values = tuple(tuple(fmean(sides[place].values(metric).values()) for place in some) for some in places)
    table = {str(index): each for index, each in enumerate(values)}
    if len(kept) < _FEWEST or (found := mean_ranks(table, higher_is_better=higher)) is None:
        return None
    names = tuple(sides[place].dataset for place in places[0])
    return Ranking(metric, names, places, values, found, None, len(datasets) - len(kept))


def _has_results(
    sides: Sequence[Side], configs: Sequence[_Cells], data: object, metric: str, bases: Mapping[str, Basis]
) -> bool:
    """Return whether every config has finite results on a dataset that may be compared with each other."""
    if not all(data in cells for cells in configs):
        return False
    shown = [sides[cells[data]] for cells in configs]
    if not all(side.values(metric) and all(map(math.isfinite, side.values(metric).values())) for side in shown):
        return False
    doubt = doubt_of([bases[run.run_id] for side in shown for run in side.finished], metric)
    return doubt is None or not doubt.is_known


def ranking_words(each: Ranking, labels: Sequence[str]) -> str:
    """Say in sentences how configs rank and which differences are real; `labels` are by index of the config."""
    order = sorted(range(len(labels)), key=lambda config: each.ranks[config])
    ranks = ", ".join(f"{labels[config]} {number(each.ranks[config], 3)}" for config in order)
    words = f"{each.metric}: mean ranks over {counted(each.found.datasets, 'dataset')} (1 is best): {ranks}."
    if each.left_out:
        words += f" Left out: {counted(each.left_out, 'dataset')} without a comparable result of every config."
    return f"{words} {_outcome(each, labels)}"


def _outcome(each: Ranking, labels: Sequence[str]) -> str:
    if each.p is None or each.found.critical is None:
        return "Friedman’s and Nemenyi’s tests require at least 5 datasets and 3 configs."
    tested = f"Friedman’s test, p {each.p:.2g} after Holm’s correction"
    if each.p >= ALPHA:
        return f"The configs cannot be told apart ({tested})."
    nemenyi = f"Nemenyi’s critical difference of two mean ranks is {number(each.found.critical, 3)}"
    if not each.better:
        return f"Not all configs are equal ({tested}), but no two can be told apart: {nemenyi}."
    pairs = "; ".join(f"{labels[one]} is better than {labels[other]}" for one, other in each.better)
    rest = math.comb(len(labels), 2) - len(each.better)
    others = "; other pairs cannot be told apart" if rest else ""
    return f"Not all configs are equal ({tested}). {nemenyi}: {pairs}{others}."
