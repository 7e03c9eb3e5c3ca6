"""The parts of a file's samples, as its config divides them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainer.config.dataset import Undivided
from trainer.config.file_datasets import DividedFile
from trainer.config.splits import ColumnSplit, GroupSplit, RandomSplit, TimeSplit
from trainer.data.sources.table import Column, Dates, Words
from trainer.data.splitting import Fold, Indices, count_parts, fold_of, split_indices
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["PARTS", "divide", "divide_groups", "group_numbers"]

PARTS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
}
"""The part of each value of a column that says it, in lower case."""

_Indices = NDArray[np.intp]


def divide(
    dataset: DividedFile, samples: int, *, classes: NDArray[np.int64] | None, column: Callable[[str], Column]
) -> Indices:
    """Return the indices of the samples of each part.

    Args:
        dataset: the split, its seed and its fractions.
        samples: the number of samples.
        classes: the class of each sample, (samples,), None in a regression.
        column: returns the values of a column for all samples.

    Raises:
        DataError: If no sample is left for training, or the column does not fit the split.
    """
    split, fold = dataset.split, fold_of(dataset)
    if isinstance(split, RandomSplit):
        counts = count_parts(
            samples,
            validation_fraction=dataset.validation_fraction,
            test_fraction=dataset.test_fraction,
            fold=fold,
        )
        stratified = classes if split.stratify else None
        return split_indices(counts, seed=dataset.split_seed, classes=stratified, fold=fold)
    if isinstance(split, GroupSplit):
        return divide_groups(dataset, group_numbers(column(split.column)), split.column)
    if fold is not None:
        raise DataError(f"A split by {split.kind} cannot have folds; set folds to null, or split by random or group.")
    if isinstance(split, TimeSplit):
        return _by_time(dataset, column(split.column), split.column)
    if isinstance(split, ColumnSplit):
        return _by_column(column(split.column), split.column)
    raise TypeError(f"no split by {split.kind}")


def group_numbers(column: Column) -> NDArray[np.int64]:
    """Return the number of each row's group, (rows,), in the order of their values; missing values are one group."""
    if isinstance(column, Words):
        # In the order of the alphabet, as scikit-learn has groups, so that the order of the rows has no effect.
        ranks = np.argsort(np.argsort(np.array(column.values, object)))
        return ranks[column.codes].astype(np.int64)
    values = column.days if isinstance(column, Dates) else column.values
    # Missing values are one group.
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def divide_groups(dataset: Undivided, groups: NDArray[np.int64], name: str) -> Indices:
    """Return the indices of each part for samples of these groups, (samples,); `name` is that of their column.

    Raises:
        DataError: If there are too few groups.
    """
    everything = np.arange(len(groups), dtype=np.intp)
    fold = fold_of(dataset)
    if fold is None:
        rest, test = _hold_out(dataset, everything, groups, dataset.test_fraction, name)
    else:
        rest, test = _fold(dataset, everything, groups, fold)
    train, validation = _hold_out(dataset, rest, groups, dataset.validation_fraction, name)
    return Indices(train, validation, test)


def _fold(dataset: Undivided, indices: _Indices, groups: NDArray[np.int64], fold: Fold) -> tuple[_Indices, _Indices]:
    fold.check(len(np.unique(groups)), "group")
    from sklearn.model_selection import GroupKFold  # importing it takes seconds

    splitter = GroupKFold(fold.folds, shuffle=True, random_state=dataset.split_seed)
    rest, test = list(splitter.split(indices, groups=groups))[fold.number - 1]
    return indices[rest], indices[test]


def _hold_out(
    dataset: Undivided, indices: _Indices, groups: NDArray[np.int64], fraction: float, name: str
) -> tuple[_Indices, _Indices]:
    if not fraction:
        return indices, indices[:0]
    found = len(np.unique(groups[indices]))
    if found - int(np.ceil(fraction * found)) < 1:
        raise DataError(
            f"The split by {name!r} leaves {counted(found, 'group')} for two parts; reduce the fractions, or split by "
            "another column."
        )
    from sklearn.model_selection import GroupShuffleSplit  # importing it takes seconds

    splitter = GroupShuffleSplit(n_splits=1, test_size=fraction, random_state=dataset.split_seed)
    kept, held = next(splitter.split(indices, groups=groups[indices]))
    return indices[kept], indices[held]


def _by_time(dataset: DividedFile, column: Column, name: str) -> Indices:
    if isinstance(column, Words):
        raise DataError(f"The column {name!r} of the split by time contains text; expected dates or numbers.")
    times = column.days if isinstance(column, Dates) else column.values
    missing = int(np.isnan(times).sum())
    if missing:
        raise DataError(
            f"The column {name!r} of the split by time is missing in {counted(missing, 'row')}; expected a time in "
            "every row."
        )
    counts = count_parts(
        len(times), validation_fraction=dataset.validation_fraction, test_fraction=dataset.test_fraction
    )
    # Stable, so that samples of the same time keep their order.
    order = np.argsort(times, kind="stable")
    train, validation, test = np.split(order, [counts.train, counts.train + counts.validation])
    return Indices(train, validation, test)


def _by_column(column: Column, name: str) -> Indices:
    if not isinstance(column, Words):
        raise DataError(
            f"The column {name!r} of the split contains numbers or dates; expected train, validation or test."
        )
    known = [PARTS.get(value.lower()) for value in column.values]
    wrong = [value for value, part in zip(column.values, known, strict=True) if part is None]
    used = [value for value in wrong if (column.codes == column.values.index(value)).any()]
    if used:
        raise DataError(
            f"The column {name!r} of the split contains {used[0][:40]!r}; expected train, validation or test in every "
            "row."
        )
    parts = np.array([part or "" for part in known])[column.codes]
    train, validation, test = (np.flatnonzero(parts == part) for part in ("train", "validation", "test"))
    if not len(train):
        raise DataError(f"The column {name!r} of the split has no row for train; expected at least one.")
    return Indices(train, validation, test)
