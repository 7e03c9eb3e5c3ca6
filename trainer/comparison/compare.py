"""Compare sides with a baseline: the differences, and which of them are real."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trainer.comparison.basis import Basis, Doubt, doubt_of
from trainer.comparison.ranks import Ranking, rankings
from trainer.comparison.sides import Shares, Side
from trainer.config import UNTOLD, Directions, MeasuredPart, MetricName
from trainer.statistics import (
    Difference,
    Finding,
    Method,
    Summary,
    Superiority,
    findings,
    paired,
    resampled,
    summarize,
    superiority,
    verdict_words,
    welch,
)
from trainer.tracking import Run

__all__ = ["Between", "Compared", "Comparison", "compare"]

_RANKED = "other data than the baseline’s; see the mean ranks"
_OVERLAP = ", with a correction for training samples that the {} share"

Between = Callable[[str, Run, Run], Difference | None]
"""Returns the difference of two networks in a metric on the same samples; None if they cannot be compared so."""


class Comparison(NamedTuple):
    """One side against the baseline, in one metric.

    `finding` is None if nothing can be tested: with fewer than two finished runs on a side, unless two networks can be
    compared on the same samples, or if the results are known not to be comparable, for the reason in `doubt`. `words`
    describe the outcome in any case.
    """

    side: int
    metric: str
    finding: Finding | None
    difference: Difference | None
    superiority: Superiority | None
    doubt: Doubt | None
    words: str

    @property
    def is_of_networks(self) -> bool:
        """Whether the finding is about two networks, which says nothing about their configs."""
        return self.finding is not None and _is_of_networks(self.finding)


class Compared(NamedTuple):
    """The outcome of a comparison, with summaries and comparisons by (index of the side, metric)."""

    baseline: int
    summaries: Mapping[tuple[int, str], Summary]
    comparisons: Mapping[tuple[int, str], Comparison]
    family: int
    """The number of differences that Holm's correction counts."""
    held: str
    """What was the same in all runs, so that the results say nothing about it."""
    rankings: tuple[Ranking, ...] = ()
    """The mean ranks of configs that were run on several datasets."""


def compare(
    sides: Sequence[Side],
    metrics: Sequence[str],
    *,
    baseline: int = 0,
    bases: Mapping[str, Basis],
    directions: Directions = UNTOLD,
    between: Between | None = None,
) -> Compared:
    """Compare every other side with the baseline in each metric; all of them are one family.

    Args:
        sides: what is compared; only finished runs count.
        metrics: names of metrics, each read from the network that a run kept.
        baseline: the index of the side to compare the others with.
        bases: run id → the data and the loss that its results were measured with.
        directions: the directions in which metrics improve.
        between: compares two networks on the same samples, where each side has one run.
    """
    keys = [(place, metric) for metric in metrics for place in range(len(sides)) if place != baseline]
    doubts = {(place, metric): _doubt(sides[place], sides[baseline], bases, metric) for place, metric in keys}
    differences = {
        key: None if _is_known(doubts[key]) else _difference(sides[key[0]], sides[baseline], key[1], between)
        for key in keys
    }
    found = dict(zip(keys, findings([differences[key] for key in keys]), strict=True))
    summaries = {
        (place, metric): summary
        for place, side in enumerate(sides)
        for metric in metrics
        if (summary := summarize(side.values(metric).values())) is not None
    }
    comparisons = {}
    for place, metric in keys:
        key, higher = (place, metric), directions.higher_is_better(metric)
        pair = sides[place].values(metric), sides[baseline].values(metric)
        words = _words(found[key], differences[key], doubts[key], pair, higher)
        better = None if higher is None or _is_known(doubts[key]) else superiority(
            list(pair[0].values()), list(pair[1].values()), higher_is_better=higher
        )  # fmt: skip
        comparisons[key] = Comparison(place, metric, found[key], differences[key], better, doubts[key], words)
    family = sum(each is not None for each in found.values())
    ranked = rankings(sides, metrics, bases=bases, directions=directions)
    comparisons = {key: _with_ranks(each, baseline, ranked) for key, each in comparisons.items()}
    return Compared(baseline, summaries, comparisons, family, _common(sides, comparisons.values()), ranked)


def _with_ranks(each: Comparison, baseline: int, ranked: Iterable[Ranking]) -> Comparison:
    """Refer to the mean ranks where a side was run on other data than the baseline and both are ranked."""
    if not _is_known(each.doubt) or each.doubt is None or not each.doubt.is_of_data:
        return each
    places = {place for ranking in ranked if ranking.metric == each.metric for some in ranking.places for place in some}
    return each._replace(words=_RANKED) if {each.side, baseline} <= places else each


def _difference(side: Side, baseline: Side, metric: str, between: Between | None) -> Difference | None:
    """Pair by split where both sides have the same several splits; seeds of unequal networks share nothing.

    Random splits and folds of the same samples share training samples, so that a plain t-test over them would claim
    too often. Of two single runs, compare the networks.
    """
    first, second = side.values(metric), baseline.values(metric)
    if len(first) == len(second) == 1:
        pair = [next(run for run in side.finished if run.run_id in first)]
        pair += [run for run in baseline.finished if run.run_id in second]
        return None if between is None else between(metric, *pair)
    splits = [
        {split: values[run.run_id] for run, split in zip(each.runs, each.splits, strict=False) if run.run_id in values}
        for each, values in ((side, first), (baseline, second))
    ]
    one, other = splits
    if len(one) == len(first) and len(other) == len(second) and len(one) > 1 and one.keys() == other.keys():
        order = sorted(one)
        pairs = [one[split] for split in order], [other[split] for split in order]
        if side.shares is None or side.shares != baseline.shares:
            return paired(*pairs)
        return resampled(*pairs, test_samples=_share(side.shares, metric), training_samples=1)
    return welch(list(first.values()), list(second.values()))


def _share(shares: Shares, metric: str) -> float:
    """Return the samples that a metric is measured on for each training sample."""
    part = MetricName.of(metric).part
    return {MeasuredPart.TEST: shares.test, MeasuredPart.VALIDATION: shares.validation}.get(part, 1.0)


def _doubt(side: Side, baseline: Side, bases: Mapping[str, Basis], metric: str) -> Doubt | None:
    return doubt_of([bases[run.run_id] for run in (*baseline.finished, *side.finished)], metric)


def _is_known(doubt: Doubt | None) -> bool:
    return doubt is not None and doubt.is_known


def _is_of_networks(finding: Finding) -> bool:
    return finding.method in {Method.MCNEMAR, Method.BOOTSTRAP}


def _words(
    finding: Finding | None,
    difference: Difference | None,
    doubt: Doubt | None,
    pair: tuple[Mapping[str, float], Mapping[str, float]],
    higher: bool | None,
) -> str:
    if doubt is not None and doubt.is_known:
        return f"not comparable: {doubt.words}"
    if finding is not None:
        words = verdict_words(finding, higher_is_better=higher, difference=difference)
        words += " (these two networks)" if _is_of_networks(finding) else ""
        return words if doubt is None else f"{words}; {doubt.words}"
    for values, whose in zip(pair, ("this config", "the baseline"), strict=True):
        if not values:
            return f"no finished run of {whose} has a value"
        if not all(math.isfinite(value) for value in values.values()):
            return f"a run of {whose} has a value that is not finite"
    return "one run says nothing about other seeds; repeat each config with several seeds"


def _common(sides: Sequence[Side], comparisons: Iterable[Comparison]) -> str:
    """Return what the runs have in common, and whether it is corrected for."""
    is_corrected = any(each.finding and each.finding.method is Method.RESAMPLED for each in comparisons)
    return _held(sides) + (_OVERLAP.format(_noun(sides, 2)) if is_corrected else "")


def _noun(sides: Sequence[Side], number: int) -> str:
    """Return what the splits of the sides are: folds, or splits in general."""
    noun = "fold" if all(split.fold for side in sides for split in side.splits) else "split"
    return noun if number == 1 else f"{noun}s"


def _held(sides: Sequence[Side]) -> str:
    """Return what the runs have in common, such as one split of the data, with its caveat."""
    numbers = sorted({len(side.finished) for side in sides})
    seeds = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    words = f"over {seeds} seed{'' if numbers == [1] else 's'}"
    splits = sorted({len(set(side.splits)) for side in sides})
    one, many = _noun(sides, 1), _noun(sides, 2)
    if splits[-1] > 1:
        if splits[0] > 1:
            several = f"{splits[0]}" if len(splits) == 1 else f"{splits[0]} to {splits[-1]}"
            return f"{words}, {several} {many} of the data"
        return f"{words}, several {many} of the data for some configs only: the others may differ on other {many}"
    if splits[0] and len({split for side in sides for split in side.splits}) > 1:
        return f"{words}, one {one} of the data for each config, but not the same: a difference may be due to the {one}"
    if all(side.splits for side in sides):
        return f"{words}, one {one} of the data: other {many} may give other results"
    return f"{words}, on the same data: other data may give other results"
