"""Choose a few raw samples to show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.config import DatasetConfig
from trainer.data.registry import file_source_of, is_available, source_of
from trainer.data.source import AnyArray
from trainer.home import Home

__all__ = ["Preview", "choose_samples", "preview"]


@dataclass(frozen=True)
class Preview:
    """Raw samples `x` of shape (count, *input_shape), or (count, columns) of objects for a table in a file.

    `y` are classes (count,) or values (count, outputs).
    """

    x: AnyArray
    y: AnyArray


def preview(dataset: DatasetConfig, *, home: Home, count: int = 20) -> Preview | None:
    """Return at most `count` samples, always the same, alternating between classes; None if not downloaded yet.

    Only the beginning of a large file is read.

    Raises:
        DataError: If the file cannot be read or is not valid.
    """
    if not is_available(dataset, home=home):
        return None
    file_source = file_source_of(dataset)
    if file_source is not None:
        samples, targets = file_source.peek(dataset, home)
        shown = choose_samples(targets, count)
        return Preview(samples.take(shown).shown(), targets[shown])
    x, y = source_of(dataset).peek(dataset, home)
    chosen = choose_samples(y, count)
    return Preview(np.ascontiguousarray(x[chosen]), y[chosen])


def choose_samples(y: AnyArray, count: int) -> NDArray[np.intp]:
    """Return the indices of samples to show: the first of each class, then the second, …; evenly spaced for values."""
    if y.ndim > 1:
        return np.unique(np.linspace(0, len(y) - 1, min(count, len(y))).astype(np.intp))
    # Stable, so that the samples of a class keep their order.
    by_class = np.argsort(y, kind="stable")
    _, starts, sizes = np.unique(y[by_class], return_index=True, return_counts=True)
    rank = np.empty(len(y), np.intp)
    rank[by_class] = np.arange(len(y)) - np.repeat(starts, sizes)
    return np.lexsort((y, rank))[:count]
