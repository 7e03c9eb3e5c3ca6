"""Read an .npz file for a profile: features as columns, larger samples as one column of their hashes."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.data.npz_file import NpzFile
from trainer.data.npz_layout import Layout, checked_layout
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.table import Table
from trainer.data.source import AnyArray

__all__ = ["hashed_rows", "read_arrays"]

_MOST_FEATURES = 500


def read_arrays(path: Path, *, limit: int | None = None) -> Table:
    """Read an .npz file; `limit` is the largest size of its arrays in memory, in bytes.

    Raises:
        DataError: If the file is damaged, or its arrays are not those of a dataset.
    """
    with NpzFile(path, name=path.name, limit=limit) as file:
        layout = checked_layout(file)
        samples = [file.read(key) for key in layout.samples]
        targets = [file.read(key) for key in layout.answers]
    x, y = np.concatenate(samples), np.concatenate(targets)
    columns = (*_columns(layout.x, x), *_columns(layout.y, y))
    names = [column.name for column in columns if column.name == layout.y or column.name.startswith(f"{layout.y}[")]
    return Table(
        columns=columns,
        rows=len(x),
        fields={"target": names[0] if len(names) == 1 else names},
        parts=_parts(layout, samples),
        has_roles=False,
    )


def hashed_rows(name: str, digests: NDArray[np.int64]) -> Column:
    """Return a column of samples that are not numbers or text; equal samples have equal hashes, of shape (rows,)."""
    return Column(name=name, type=ColumnType.ARRAY, values=digests, missing=np.zeros(len(digests), bool))


def _parts(layout: Layout, samples: list[AnyArray]) -> NDArray[np.int8] | None:
    if len(samples) == 1:
        return None
    kinds = [0, *([2] if layout.x_test else []), *([1] if layout.x_validation else [])]
    return np.repeat(np.array(kinds, np.int8), [len(part) for part in samples])


def _columns(name: str, array: AnyArray) -> list[Column]:
    """Return the columns of an array of shape (samples, …)."""
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        return [_column(name, array.reshape(-1))]
    if array.ndim == 2 and array.shape[1] <= _MOST_FEATURES:
        return [_column(f"{name}[{place}]", array[:, place]) for place in range(array.shape[1])]
    rows = np.ascontiguousarray(array).reshape(len(array), -1)
    digests = [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]
    return [hashed_rows(name, np.frombuffer(b"".join(digests), np.int64))]


def _column(name: str, values: AnyArray) -> Column:
    if values.dtype.kind == "f":
        numbers = values.astype(np.float64)
        return Column(name=name, type=ColumnType.FLOAT, values=numbers, missing=np.isnan(numbers))
    # Unsigned integers of 64 bits that do not fit are rare, and only their order is of interest here.
    whole = values.astype(np.int64)
    return Column(name=name, type=ColumnType.INTEGER, values=whole, missing=np.zeros(len(whole), bool))
