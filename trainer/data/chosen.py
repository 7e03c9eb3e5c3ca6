"""Read single samples of a part of a dataset, as they are stored."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from trainer.config import DatasetConfig
from trainer.data.registry import file_source_of, schema_of, source_of
from trainer.data.source import AnyArray, Arrays, FileSource
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
        rows: indices in the raw data, or rows of the file, of the samples of a part that was split off; None if the
            part is the dataset's.
        digest: the SHA-256 of the raw data that the places are about.
        home: where files and downloads are found.

    Raises:
        DataError: If the data cannot be read, are too large, or are no longer those of the digest.
        DownloadError: If the dataset needs to be downloaded first.
    """
    file_source = file_source_of(dataset)
    if file_source is not None:
        return _of_file(dataset, file_source, places, rows, digest, home)
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
        raise _changed(schema.title)
    return Arrays(arrays.x[indices], arrays.y[indices])


def _of_file(
    dataset: DatasetConfig,
    source: FileSource[Any],
    places: Sequence[int],
    rows: AnyArray | None,
    digest: str,
    home: Home,
) -> Arrays:
    """Return raw samples of a file, whose `rows` are numbers of rows in it."""
    divided = source.divide(dataset, home)
    wanted = np.asarray(() if rows is None else rows, np.intp)
    is_inside = all(0 <= place < len(wanted) for place in places)
    if divided.digest != digest or not is_inside:
        raise _changed(divided.about.title)
    # Rows without a target are no samples, so that a row's number is not its sample's.
    kept = {int(row): place for place, row in enumerate(divided.rows)}
    found = [kept.get(int(row), -1) for row in wanted[np.asarray(places, np.intp)]]
    if -1 in found:
        raise _changed(divided.about.title)
    indices = np.array(found, np.intp)
    return Arrays(divided.samples.take(indices).shown(), divided.y[indices])


def _changed(title: str) -> DataError:
    return DataError(f"Samples of {title} cannot be shown: the data have changed since the run read them.")
