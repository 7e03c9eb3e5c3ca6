"""The course of a metric over runs of one config: its mean at each step with an interval, and where the runs end."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.statistics.intervals import student

__all__ = ["Course", "Ends", "Points", "course_of"]


class Ends(StrEnum):
    """Which runs a mean is over beyond the end of the shortest run.

    None, so that it stops there; all, those that have ended with their last value; or those that are still there, whose
    mean jumps where the others stop.
    """

    ALL = "as far as all runs go"
    CARRIED = "last value carried forward"
    PRESENT = "only the remaining runs"


class Course(NamedTuple):
    """The means over runs at each of `steps`, each with its 95 % interval.

    All arrays are (steps,); `low` and `high` are NaN where `n` is 1. `x` is the mean of the places of the runs that
    have that step. `ends` are the runs' last steps, in order.
    """

    steps: NDArray[np.int64]
    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]
    ends: tuple[int, ...]

    def at(self, kept: NDArray[np.intp]) -> "Course":
        """Return the course at these indices only."""
        steps, x, mean, low, high, n, ends = self
        return Course(steps[kept], x[kept], mean[kept], low[kept], high[kept], n[kept], ends)


Points = tuple[ArrayLike, ArrayLike, ArrayLike]
"""Steps (integers), values and places of one run, each (points,)."""


def course_of(runs: Sequence[Points], ends: Ends = Ends.ALL) -> Course:
    """Compute the course of several runs, whatever their order.

    A run ends before its first value that is no number and does not become one again; a run without values does not
    count. At a step that a run has left out there is no mean. Of a step that was logged twice, the last value counts.

    Args:
        runs: the points of each run.
        ends: which runs count beyond the end of the shortest.
    """
    members = [points for run in runs if len((points := _finite(*run))[0])]
    if not members:
        nothing = np.empty(0)
        return Course(nothing.astype(int), nothing, nothing, nothing, nothing, nothing.astype(int), ())
    steps = np.unique(np.concatenate([each for each, _, _ in members]))
    last = np.array([each[-1] for each, _, _ in members])
    values, places = (np.full((len(members), len(steps)), np.nan) for _ in range(2))
    for row, (own, numbers, where) in enumerate(members):
        columns = np.searchsorted(steps, own)
        values[row, columns], places[row, columns] = numbers, where
    is_over = steps[None, :] > last[:, None]
    whole = (~np.isnan(values) | is_over).all(axis=0)
    if ends is Ends.ALL:
        whole &= ~is_over.any(axis=0)
    elif ends is Ends.CARRIED:
        values = np.where(is_over, np.array([numbers[-1] for _, numbers, _ in members])[:, None], values)
    mean, low, high, n = _summaries(values[:, whole])
    x = _means(np.sort(places[:, whole], axis=0))
    return Course(steps[whole], x, mean, low, high, n, tuple(sorted(int(each) for each in last)))


def _finite(steps: ArrayLike, values: ArrayLike, places: ArrayLike) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the points with a finite value in the order of steps, of each step the last."""
    numbers = np.asarray(values, dtype=np.float64)
    kept = np.flatnonzero(np.isfinite(numbers))
    own = np.asarray(steps)[kept]
    order = np.argsort(own, kind="stable")
    own = own[order]
    latest = np.append(own[1:] != own[:-1], True)[: len(own)]
    chosen = kept[order][latest]
    return own[latest], numbers[chosen], np.asarray(places, dtype=np.float64)[chosen]


def _means(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    n = (~np.isnan(ordered)).sum(axis=0)
    return np.asarray(np.nansum(ordered / np.maximum(n, 1), axis=0))


def _summaries(values: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
    """Return means, lower and upper ends of the intervals, and numbers of runs of each column; see `summarize`."""
    # Sorted, so that rounding does not depend on the order of the runs.
    ordered = np.sort(values, axis=0)
    n = (~np.isnan(ordered)).sum(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.clip(_means(ordered), ordered[0], np.nanmax(ordered, axis=0)) if len(n) else np.empty(0)
        squares = np.nansum((ordered - mean) ** 2, axis=0)
        deviation = np.sqrt(squares / np.maximum(n - 1, 1))
        reach = np.where(n > 1, _students(n) * deviation / np.sqrt(n), np.nan)
        return mean, mean - reach, mean + reach, n


def _students(n: NDArray[Any]) -> NDArray[np.float64]:
    sizes, places = np.unique(n, return_inverse=True)
    return np.array([student(int(size) - 1) if size > 1 else np.nan for size in sizes])[places]
