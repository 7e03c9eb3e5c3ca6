"""The windows of a table of steps: where they start, and which part each belongs to."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.config.series import Series
from trainer.data.splits import divide_groups
from trainer.data.splitting import Counts, Indices, count_parts, fold_of
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["GAP", "Steps", "WindowParts", "divide_windows", "segments_of"]

GAP = 1.5
"""A gap is longer than this multiple of the median time between two steps of a series."""

_Places = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """All steps in order: those of a series one after the other, and by their time.

    `series` is the number of each step's series, (steps,), and `times` its time in days or as a number, None if the
    table says none. `has_targets` tells which steps have all targets.
    """

    series: NDArray[np.int64]
    times: NDArray[np.float64] | None
    has_targets: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.series)


class WindowParts(NamedTuple):
    """Windows by their first steps, (windows,), the windows of each part, and the part of each step, (steps,).

    `crossing` windows are left out because the steps that they predict are in two parts, `unknown` ones because a
    target is missing. `gaps` counts places where time is longer than usual to the next step, `repeats` steps at the
    time of the one before.
    """

    starts: _Places
    indices: Indices
    parts: NDArray[np.int8]
    crossing: int
    unknown: int
    gaps: int = 0
    repeats: int = 0


def divide_windows(dataset: Series, steps: Steps) -> WindowParts:
    """Return all windows, each in the part of the steps that it predicts.

    Raises:
        DataError: If a part has no window, or the split does not fit the dataset.
    """
    parts = _by_id(dataset, steps) if dataset.split == "id" else _by_time(dataset, steps)
    segments, gaps, repeats = segments_of(steps, split=dataset.gaps == "split")
    places = np.arange(len(steps))
    offset = places - np.maximum.accumulate(np.where(_begins(segments), places, 0))
    length = dataset.past + dataset.horizon
    last = len(steps) - length + 1
    if last < 1:
        raise _too_short(dataset, segments)
    starts = np.arange(last)
    starts = starts[(segments[:last] == segments[length - 1 :]) & (offset[:last] % dataset.step == 0)]
    if not len(starts):
        raise _too_short(dataset, segments)
    begin, end = starts + dataset.past, starts + length
    # Parts follow one another within a series, so that the first and the last step decide.
    is_within = parts[begin] == parts[end - 1]
    known = np.concatenate([[0], np.cumsum(~steps.has_targets)])
    is_known = known[end] == known[begin]
    kept = starts[is_within & is_known]
    of = parts[kept + dataset.past]
    train, validation, test = (np.flatnonzero(of == part) for part in range(3))
    found = WindowParts(
        starts=kept,
        indices=Indices(train, validation, test),
        parts=parts,
        crossing=int(np.count_nonzero(~is_within)),
        unknown=int(np.count_nonzero(is_within & ~is_known)),
        gaps=gaps,
        repeats=repeats,
    )
    _check_parts(dataset, found)
    return found


def segments_of(steps: Steps, *, split: bool) -> tuple[NDArray[np.int64], int, int]:
    """Return the number of each step's segment, (steps,), the number of gaps, and of steps at the time before theirs.

    A segment is a series or, with `split`, a series between gaps.
    """
    is_new = _begins(steps.series)
    if steps.times is None:
        return np.cumsum(is_new) - 1, 0, 0
    between = np.concatenate([[0.0], np.diff(steps.times)])
    inside = between[~is_new]
    forward = inside[inside > 0]
    usual = float(np.median(forward)) if len(forward) else 0.0
    is_gap = ~is_new & (between > GAP * usual)
    return np.cumsum(is_new | is_gap if split else is_new) - 1, int(is_gap.sum()), int(np.count_nonzero(inside == 0))


def _begins(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where the number of a step is another than that of the step before, (steps,)."""
    return np.concatenate([[True], numbers[1:] != numbers[:-1]])


def _by_time(dataset: Series, steps: Steps) -> NDArray[np.int8]:
    """Return the part of each step, 0, 1 or 2 for training, validation and test, (steps,)."""
    if fold_of(dataset) is not None:
        raise DataError("A split of a series by time cannot have folds; set folds to null, or split by id.")
    if steps.times is None:
        return _by_place(dataset, steps)
    counts = _counts(dataset, len(steps))
    ordered = np.sort(steps.times)
    # All steps of a time are in the same part, the later one.
    begins = [ordered[at] if at < len(ordered) else np.inf for at in (counts.train, counts.train + counts.validation)]
    parts = (steps.times >= begins[0]).astype(np.int8) + (steps.times >= begins[1])
    return parts.astype(np.int8)


def _counts(dataset: Series, steps: int) -> Counts:
    return count_parts(
        steps, validation_fraction=dataset.validation_fraction, test_fraction=dataset.test_fraction, fold=None
    )


def _by_place(dataset: Series, steps: Steps) -> NDArray[np.int8]:
    """Divide every series by itself, since without times nothing tells which steps of two are at the same time."""
    parts = np.zeros(len(steps), np.int8)
    first = np.flatnonzero(_begins(steps.series)).tolist()
    for begin, end in zip(first, [*first[1:], len(steps)], strict=True):
        test = math.ceil(dataset.test_fraction * (end - begin))
        validation = math.ceil(dataset.validation_fraction * (end - begin - test))
        parts[end - test - validation : end - test] = 1
        parts[end - test : end] = 2
    return parts


def _by_id(dataset: Series, steps: Steps) -> NDArray[np.int8]:
    if dataset.id is None:
        raise DataError("A split by id requires the column that names the series; set id, or split by time.")
    indices = divide_groups(dataset, steps.series, dataset.id)
    parts = np.zeros(len(steps), np.int8)
    parts[indices.validation], parts[indices.test] = 1, 2
    return parts


def _too_short(dataset: Series, segments: NDArray[np.int64]) -> DataError:
    longest = int(np.bincount(segments).max())
    return DataError(
        f"A window needs {counted(dataset.past + dataset.horizon, 'step')} (past {dataset.past:,} and horizon "
        f"{dataset.horizon:,}), but the longest series has {longest:,}; reduce past or horizon."
    )


def _check_parts(dataset: Series, found: WindowParts) -> None:
    wanted = {
        "training": True,
        "validation": dataset.validation_fraction > 0,
        "test": dataset.test_fraction > 0 or dataset.folds is not None,
    }
    for part, (name, is_wanted) in enumerate(wanted.items()):
        if is_wanted and not len(found.indices[part]):
            steps = int(np.count_nonzero(found.parts == part))
            advice = "reduce past or horizon, or change the fractions."
            raise DataError(
                f"The {name} data have {counted(steps, 'step')} and no window with all {dataset.horizon:,} steps of "
                f"the horizon in them; {advice}"
            )
