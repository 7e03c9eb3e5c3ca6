"""One column of a table in memory: its values as numbers or codes, and which of them are missing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from trainer.data.sources.missing import MISSING

__all__ = ["Column", "ColumnType", "column_of"]

_SECONDS_PER_DAY = 86_400
# Integers up to here are exact as floats.
_LARGEST_EXACT = 2.0**53


class ColumnType(StrEnum):
    """What the values of a column are as they are stored in the file."""

    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    EMPTY = "empty"
    ARRAY = "array"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column of `rows` values.

    `values` has shape (rows,): int64 or float64 numbers, seconds since 1970 as int64 for dates, and for text and
    booleans the index of each value in `labels`, -1 where it is missing; hashes of arrays, such as images. `missing`
    has shape (rows,). Columns that are empty or of another type, such as lists, have values 0.
    """

    name: str
    type: ColumnType
    values: NDArray[Any]
    missing: NDArray[np.bool_]
    labels: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows, including those that are missing."""
        return len(self.values)

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers; dates are not."""
        return self.type in (ColumnType.INTEGER, ColumnType.FLOAT)

    @property
    def is_labelled(self) -> bool:
        """Whether the values are codes of `labels`."""
        return self.type in (ColumnType.TEXT, ColumnType.BOOLEAN)

    @property
    def present(self) -> NDArray[Any]:
        """The values that are not missing."""
        return self.values[~self.missing] if self.missing.any() else self.values

    def as_integers(self) -> "Column":
        """Return the column with int64 values if it has floats that are all integers, and else as it is."""
        present = self.present
        if self.type is not ColumnType.FLOAT or not present.size or not (np.abs(present) < _LARGEST_EXACT).all():
            return self
        if not np.equal(present, np.floor(present)).all():
            return self
        values = np.where(self.missing, 0, self.values).astype(np.int64)
        return replace(self, type=ColumnType.INTEGER, values=values)

    def renamed(self, labels: Mapping[str, str]) -> "Column":
        """Return the column with new labels for some of its texts; those with the same new label become one."""
        if self.type is not ColumnType.TEXT or not labels:
            return self
        places: dict[str, int] = {}
        new = (labels.get(label, label) for label in self.labels)
        codes = [places.setdefault(label, len(places)) for label in new]
        # The last one is for -1, which is missing.
        return replace(self, values=np.array([*codes, -1], np.int32)[self.values], labels=tuple(places))

    def dated(self, form: str) -> "Column":
        """Return a column of text as dates if all of its texts have a format of `strptime`, else as it is."""
        if self.type is not ColumnType.TEXT:
            return self
        try:
            seconds = [int(datetime.strptime(label, form).replace(tzinfo=UTC).timestamp()) for label in self.labels]
        except ValueError:
            return self
        # The last one is for -1, which is missing.
        values = np.array([*seconds, 0], np.int64)[self.values]
        return replace(self, type=ColumnType.DATE, values=values, labels=())

    def without(self, absent: Collection[str | float]) -> "Column":
        """Return the column with each of these values counted as missing: numbers, or texts with their spaces."""
        if self.is_numeric:
            numbers = [float(each) for each in absent if _is_number(each)]
            gone = np.isin(self.values, numbers) if numbers else None
        elif self.is_labelled:
            texts = {str(each) for each in absent}
            codes = [code for code, label in enumerate(self.labels) if label.strip() in texts]
            gone = np.isin(self.values, codes) if codes else None
        else:
            gone = None
        if gone is None or not gone.any():
            return self
        # A code is set to -1, so that nothing counts it; a number is left where it is and only marked.
        values = np.where(gone, -1, self.values).astype(self.values.dtype) if self.is_labelled else self.values
        return replace(self, values=values, missing=self.missing | gone)


def column_of(name: str, data: pa.ChunkedArray) -> Column:
    """Convert a column that pyarrow has read; timestamps with a time zone become UTC, decimals become float64."""
    rows, kind = len(data), data.type
    missing = _mask(data)
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(name, data, missing)
    if pa.types.is_time(kind):
        return _text(name, data.cast(pa.string()), missing)
    if pa.types.is_boolean(kind):
        values = _numpy(data.cast(pa.int8()), -1).astype(np.int32)
        return Column(name=name, type=ColumnType.BOOLEAN, values=values, missing=missing, labels=("false", "true"))
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        values = _numpy(data.cast(pa.int64()), 0)
        return Column(name=name, type=ColumnType.INTEGER, values=values, missing=missing)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_uint64(kind):
        values = _numpy(data.cast(pa.float64(), safe=False), np.nan)
        return Column(name=name, type=ColumnType.FLOAT, values=values, missing=missing | np.isnan(values))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return Column(name=name, type=ColumnType.DATE, values=_seconds(data), missing=missing)
    found = ColumnType.EMPTY if pa.types.is_null(kind) else ColumnType.OTHER
    return Column(name=name, type=found, values=np.zeros(rows, np.int8), missing=missing)


def _mask(data: pa.ChunkedArray) -> NDArray[np.bool_]:
    if not data.null_count:
        # A view of one element: most columns miss nothing, and a mask for each would take a megabyte per million rows.
        return np.broadcast_to(np.False_, (len(data),))
    return np.asarray(pc.is_null(data).to_numpy(), bool)


def _numpy(data: pa.ChunkedArray, filler: float) -> NDArray[Any]:
    return np.asarray((pc.fill_null(data, filler) if data.null_count else data).to_numpy())


def _seconds(data: pa.ChunkedArray) -> NDArray[np.int64]:
    if pa.types.is_date32(data.type):
        return _numpy(data.cast(pa.int32()), 0).astype(np.int64) * _SECONDS_PER_DAY
    # Nanoseconds beyond a second are cut off, which a profile does not need.
    whole = data.cast(pa.timestamp("s", getattr(data.type, "tz", None)), safe=False).cast(pa.int64())
    return np.asarray(_numpy(whole, 0), np.int64)


def _text(name: str, data: pa.ChunkedArray, missing: NDArray[np.bool_]) -> Column:
    encoded = data if pa.types.is_dictionary(data.type) else data.dictionary_encode()
    encoded = encoded.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # without any chunk, nothing is combined
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    values = np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False), np.int32)
    return _trimmed(name, values, [str(each) for each in encoded.dictionary.to_pylist()], missing)


def _trimmed(name: str, values: NDArray[np.int32], written: list[str], missing: NDArray[np.bool_]) -> Column:
    """Return the column without spaces around its texts, which do not count in training either."""
    places: dict[str, int] = {}
    codes = [-1 if (label := text.strip()) in MISSING else places.setdefault(label, len(places)) for text in written]
    if len(places) < len(written):
        # The last one is for -1, which is missing.
        values = np.array([*codes, -1], np.int32)[values]
        missing = values < 0
    return Column(name=name, type=ColumnType.TEXT, values=values, missing=missing, labels=tuple(places))


def _is_number(value: str | float) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
