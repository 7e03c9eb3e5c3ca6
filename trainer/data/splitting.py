"""Which samples train, which validate and which test: a function of the split's seed alone."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.errors import DataError

__all__ = ["Counts", "Indices", "count_parts", "split_indices"]


class Counts(NamedTuple):
    """How many samples each part has."""

    train: int
    validation: int
    test: int


class Indices(NamedTuple):
    """Which samples each part has, and what is to be said of the split."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    notes: tuple[str, ...]


def count_parts(samples: int, *, validation_fraction: float, test_fraction: float) -> Counts:
    """The sizes of the parts of `samples`: the test part first, then validation of what remains, each rounded up.

    It is the arithmetic of scikit-learn's `train_test_split`.

    Raises:
        DataError: no sample would be left to train on.
    """
    test = math.ceil(test_fraction * samples)
    validation = math.ceil(validation_fraction * (samples - test))
    train = samples - test - validation
    if train < 1:
        raise DataError(
            f"{samples:,} sample{'' if samples == 1 else 's'} with test_fraction {test_fraction:g} and "
            f"validation_fraction {validation_fraction:g} leave none to train on; make the fractions smaller."
        )
    return Counts(train, validation, test)


def split_indices(counts: Counts, *, seed: int, classes: NDArray[np.int64] | None) -> Indices:
    """The parts of `sum(counts)` samples, stratified by `classes` (samples,) where each class is common enough.

    Raises nothing: a class too rare to be in both parts is told in the notes, and that split is at random.
    """
    everything = np.arange(sum(counts), dtype=np.intp)
    rest, test, test_notes = _divide(everything, counts.test, "test", seed=seed, classes=classes)
    train, validation, validation_notes = _divide(rest, counts.validation, "validation", seed=seed, classes=classes)
    return Indices(train, validation, test, test_notes + validation_notes)


def _divide(
    indices: NDArray[np.intp], held: int, part: str, *, seed: int, classes: NDArray[np.int64] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[str, ...]]:
    if held == 0:
        return indices, indices[:0], ()
    from sklearn.model_selection import train_test_split  # it takes seconds to import

    labels = None if classes is None else classes[indices]
    why_not = None if labels is None else _why_not_stratified(labels, held)
    stratify = None if why_not else labels
    kept, taken = train_test_split(indices, test_size=held, random_state=seed, stratify=stratify)
    notes = () if why_not is None else (f"The {part} part is drawn at random, not stratified: {why_not}.",)
    return kept, taken, notes


def _why_not_stratified(labels: NDArray[np.int64], held: int) -> str | None:
    """The conditions of scikit-learn's stratified split, as words where one is not met."""
    found, counts = np.unique(labels, return_counts=True)
    rarest = int(counts.argmin())
    if counts[rarest] < 2:
        return f"class {found[rarest]} has only 1 sample"
    smaller = min(held, len(labels) - held)
    if smaller < len(found):
        return f"{smaller} samples cannot hold all of the {len(found)} classes"
    return None
