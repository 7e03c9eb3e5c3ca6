"""Split samples into training, validation and test data, by the split's seed only."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.config import DatasetConfig
from trainer.config.dataset import Undivided
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["Counts", "Fold", "Indices", "count_parts", "fold_of", "split_indices"]


class Counts(NamedTuple):
    """The number of samples in each part."""

    train: int
    validation: int
    test: int


class Fold(NamedTuple):
    """One of the folds of a cross-validation, counted from 1, and how many there are."""

    number: int
    folds: int

    def check(self, divided: int, noun: str) -> None:
        """Raise DataError if there is no such fold, or fewer samples or groups than folds."""
        if self.number > self.folds:
            raise DataError(f"fold must be between 1 and folds, {self.folds}, got {self.number}.")
        if self.folds > divided:
            raise DataError(f"folds {self.folds} is more than the {counted(divided, noun)}; use fewer folds.")


class Indices(NamedTuple):
    """The indices of the samples in each part, and notes about the split."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    at_random: tuple[str, ...] = ()
    """The parts, `test` or `validation`, that are not stratified although there are classes."""
    notes: tuple[str, ...] = ()


def fold_of(dataset: DatasetConfig) -> Fold | None:
    """Return the fold that is the test part of a dataset, None if it has no folds."""
    folds = dataset.folds if isinstance(dataset, Undivided) else None
    return None if folds is None or not isinstance(dataset, Undivided) else Fold(dataset.fold, folds)


def count_parts(samples: int, *, validation_fraction: float, test_fraction: float, fold: Fold | None = None) -> Counts:
    """Return the sizes of the parts: first the test, then validation from the rest, each rounded up.

    This is the arithmetic of scikit-learn's `train_test_split` or, for a fold, of its `KFold`.

    Raises:
        DataError: If no sample is left to train on, or there are more folds than samples.
    """
    if fold is not None:
        fold.check(samples, "sample")
    test = math.ceil(test_fraction * samples) if fold is None else len(range(fold.number - 1, samples, fold.folds))
    validation = math.ceil(validation_fraction * (samples - test))
    train = samples - test - validation
    if train < 1:
        held = f"test_fraction {test_fraction:g}" if fold is None else f"folds {fold.folds}"
        raise DataError(
            f"{held} and validation_fraction {validation_fraction:g} leave none of "
            f"the {samples:,} samples for training; reduce the fractions."
        )
    return Counts(train, validation, test)


def split_indices(counts: Counts, *, seed: int, classes: NDArray[np.int64] | None, fold: Fold | None = None) -> Indices:
    """Split `sum(counts)` samples, stratified by `classes` of shape (samples,) if every class is frequent enough.

    The test part is the `fold` if there is one. If a class is too rare to be in both parts, or in every fold, that
    split is random instead, and the notes say so.
    """
    everything = np.arange(sum(counts), dtype=np.intp)
    if fold is None:
        rest, test, why_test = _divide(everything, counts.test, seed=seed, classes=classes)
    else:
        rest, test, why_test = _fold(everything, fold, seed=seed, classes=classes)
    train, validation, why_validation = _divide(rest, counts.validation, seed=seed, classes=classes)
    reasons = {part: why for part, why in (("test", why_test), ("validation", why_validation)) if why}
    notes = tuple(f"The {part} data are split at random, not stratified: {why}." for part, why in reasons.items())
    return Indices(train, validation, test, tuple(reasons), notes)


def _divide(
    indices: NDArray[np.intp], held: int, *, seed: int, classes: NDArray[np.int64] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], str | None]:
    """Split off `held` of the indices; the last value is why the split is not stratified, or None."""
    if held == 0:
        return indices, indices[:0], None
    from sklearn.model_selection import train_test_split  # importing it takes seconds

    labels = None if classes is None else classes[indices]
    why_not = None if labels is None else _why_not_stratified(labels, held)
    stratify = None if why_not else labels
    kept, taken = train_test_split(indices, test_size=held, random_state=seed, stratify=stratify)
    return kept, taken, why_not


def _fold(
    indices: NDArray[np.intp], fold: Fold, *, seed: int, classes: NDArray[np.int64] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], str | None]:
    """Split off a fold, as `_divide` does."""
    from sklearn.model_selection import KFold, StratifiedKFold  # importing it takes seconds

    why_not = None
    if classes is not None:
        found, counts = np.unique(classes, return_counts=True)
        rarest = int(counts.argmin())
        if counts[rarest] < fold.folds:
            why_not = f"class {found[rarest]} has only {counted(int(counts[rarest]), 'sample')} for {fold.folds} folds"
    splitter = KFold if classes is None or why_not else StratifiedKFold
    divided = splitter(fold.folds, shuffle=True, random_state=seed).split(indices, classes)
    rest, test = list(divided)[fold.number - 1]
    return indices[rest], indices[test], why_not


def _why_not_stratified(labels: NDArray[np.int64], held: int) -> str | None:
    """Return in words which condition of scikit-learn's stratified split is not met, or None."""
    found, counts = np.unique(labels, return_counts=True)
    rarest = int(counts.argmin())
    if counts[rarest] < 2:
        return f"class {found[rarest]} has only 1 sample"
    smaller = min(held, len(labels) - held)
    if smaller < len(found):
        return f"{counted(smaller, 'sample')} cannot contain all {len(found)} classes"
    return None
