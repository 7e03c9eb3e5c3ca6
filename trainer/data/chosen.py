"""Read single samples of a part of a dataset, as they are stored."""

import math
from collections.abc import Sequence

import numpy as np

from trainer.config import DatasetConfig
from trainer.data.registry import schema_of, source_of
from trainer.data.source import AnyArray, Arrays
from trainer.errors import DataError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["LARGEST_READ", "samples_at"]

LARGEST_READ = 2 * 2**30
"""The most bytes that a dataset may take, with four for each value, for single samples to be read from it."""


def samples_at(
    dataset: DatasetConfig, places: Sequence[int], *, part: str, rows: AnyArray | None, digest: str, home: Home
) -> Arrays:
    """Return unscaled samples of the test or the validation part: x of shape (samples, *input_shape), and y.

    Args:
        dataset: where the samples come from; they are never downloaded.
        places: which samples, counted from 0 within the part.
        part: `test` or `validation`, the part's name if the dataset has such a part of its own.
        rows: indices in the raw data of the samples of a part that was split off; None if the part is the dataset's.
        digest: the SHA-256 of the raw data that the places are about.
        home: where files and downloads are found.

    Raises:
        DataError: If the data cannot be read, are too large, or are no longer those of the digest.
        DownloadError: If the dataset needs to be downloaded first.
    """
    source = source_of(dataset)
    schema = schema_of(dataset, source.about(dataset, home))
    size = 4 * schema.samples * math.prod(schema.input_shape)
    if size > LARGEST_READ:
        raise DataError(
            f"Samples of {schema.title} cannot be shown, since together they take {readable_bytes(size)} of memory; "
            f"the limit is {readable_bytes(LARGEST_READ)}."
        )
    raw = source.read(dataset, home)
    own = raw.test if part == "test" else raw.validation
    arrays = own if rows is None else raw.train
    chosen = np.asarray(places, np.intp)
    indices = chosen if rows is None else np.asarray(rows, np.intp)[chosen]
    is_inside = arrays is not None and (indices.size == 0 or 0 <= indices.min() <= indices.max() < len(arrays.x))
    if raw.digest != digest or arrays is None or not is_inside:
        raise DataError(f"Samples of {schema.title} cannot be shown: the data have changed since the run read them.")
    return Arrays(arrays.x[indices], arrays.y[indices])
