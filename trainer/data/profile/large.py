"""Profile a table that is larger than memory: a sample of its rows, and counts of all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from trainer.data.profile.column import Column, ColumnType, column_of
from trainer.data.profile.configured import configured
from trainer.data.profile.table import Table
from trainer.data.profile.whole import AllRows, ColumnCount

__all__ = ["Reader", "sampled_table", "typed_texts"]

Reader = Callable[[], Iterable[pa.RecordBatch]]
"""Reads all rows from the beginning, some at a time."""

_MOST_ROWS = 1_000_000
# The sample is copied several times while its columns are converted and looked at.
_SHARE = 16
# Odd constants of the finalizer of MurmurHash3 (Austin Appleby, public domain), which mixes 64 bits well.
_MIX, _SHIFT = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)), np.uint64(33)
# In the order in which they are tried; a text that none of them can be read as stays text.
_TYPES = (
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("s"),
    pa.timestamp("us"),
    pa.timestamp("us", "UTC"),
)

# Types that also fit what a sample may lack: fractions, and times of day.
_WIDER = {
    pa.int64(): (pa.float64(),),
    pa.date32(): (pa.timestamp("s"), pa.timestamp("us")),
    pa.timestamp("s"): (pa.timestamp("us"),),
}

_Typed = Callable[[str, Any, Any], Any]


def sampled_table(names: Sequence[str], read: Reader, fields: Mapping[str, Any], most: int, typed: _Typed) -> Table:
    """Return a table of a sample of the rows, spread evenly over the file, with what is counted in all rows.

    Its columns are as the fields take them already.

    Args:
        names: the names of the columns.
        read: reads all rows from the beginning; it is called two to four times.
        fields: the fields of the dataset in a config.
        most: the memory that may be used, in bytes.
        typed: returns a column in a type, or in the first that fits all values for None; in another, if none fits.
    """
    sample = _Sample(min(most // _SHARE, 2**28))
    for batch in read():
        sample.add(batch)
    drawn = sample.table()
    kinds: dict[str, Any] = dict.fromkeys(names)
    while True:
        data = [typed(name, column, kinds[name]) for name, column in zip(names, drawn.columns, strict=True)]
        kinds = {name: column.type for name, column in zip(names, data, strict=True)}
        raw = tuple(column_of(name, pa.chunked_array([column])) for name, column in zip(names, data, strict=True))
        columns = configured(raw, fields)
        expected = {name: column.type for name, column in columns.items()}
        counts, wider = _counted(names, read, fields, kinds, expected, typed)
        if not wider:
            whole = AllRows(rows=sample.seen, columns=counts)
            return Table(columns=tuple(columns.values()), rows=len(drawn), whole=whole)
        # Values that the sample does not have: the column is read in a type that fits them too, and not as dates of a
        # format that they do not have.
        formats = {name: form for name, form in (fields.get("date_formats") or {}).items() if name not in wider}
        kinds, fields = kinds | wider, {**fields, "date_formats": formats}


def typed_texts(missing: Iterable[str], decimal: str) -> _Typed:
    """Return a function that reads texts as numbers, dates or truth values if all of them are, and else as texts."""
    absent = pa.array(list(missing), pa.string())

    def typed(name: str, texts: Any, kind: Any) -> Any:
        texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        bare = pc.utf8_trim_whitespace(texts)
        bare = pc.if_else(pc.is_in(bare, absent), None, bare)
        if bare.null_count == len(bare):
            return pa.nulls(len(bare), pa.null() if kind is None else kind)
        kinds = _TYPES if kind is None or kind == pa.null() else (kind, *_WIDER.get(kind, ()))
        found = next((read for each in kinds if (read := _cast(bare, each, decimal)) is not None), None)
        return bare if found is None else found

    return typed


def _cast(texts: Any, kind: Any, decimal: str) -> Any:
    if decimal == "," and pa.types.is_floating(kind):
        if pc.any(pc.match_substring(texts, ".")).as_py():
            return None
        texts = pc.replace_substring(texts, ",", ".")
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return None


def _counted(
    names: Sequence[str],
    read: Reader,
    fields: Mapping[str, Any],
    kinds: Mapping[str, Any],
    expected: Mapping[str, ColumnType],
    typed: _Typed,
) -> tuple[dict[str, ColumnCount], dict[str, Any]]:
    """Count all rows; return the counts, and the types of columns that have values of another type than expected."""
    counts, wider = {name: ColumnCount() for name in names}, dict[str, Any]()
    for batch in read():
        data = {name: typed(name, column, kinds[name]) for name, column in zip(names, batch.columns, strict=True)}
        columns = configured((column_of(name, pa.chunked_array([each])) for name, each in data.items()), fields)
        for name, column in columns.items():
            if not _is_same(column, expected[name]):
                wider[name] = _wider(wider.get(name), kinds[name], data[name].type)
            elif name not in wider:
                counts[name].add(_as_expected(column, expected[name]))
    return counts, wider


def _is_same(column: Column, expected: ColumnType) -> bool:
    is_whole = column.type is ColumnType.INTEGER and expected is ColumnType.FLOAT
    return column.type is expected or is_whole or bool(column.missing.all())


def _as_expected(column: Column, expected: ColumnType) -> Column:
    if column.type is ColumnType.INTEGER and expected is ColumnType.FLOAT:
        return replace(column, type=expected, values=column.values.astype(np.float64))
    return column


def _wider(before: Any, kind: Any, found: Any) -> Any:
    """Return a type that fits the values found before and now; `kind` did not."""
    if before is not None and before != found:
        return pa.float64() if {str(before), str(found)} == {"int64", "double"} else pa.string()
    # Text that a config reads as dates has the type that it is read in, but other values.
    return pa.string() if found == kind else found


class _Sample:
    """Rows drawn by their numbers; if they take too much memory, every second one is drawn of those that are left."""

    def __init__(self, most: int) -> None:
        self._most, self._level = most, 0
        self._drawn: list[tuple[NDArray[np.uint64], pa.RecordBatch]] = []
        self.seen = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Draw from the next rows of the table."""
        numbers = np.arange(self.seen, self.seen + len(batch), dtype=np.uint64)
        self.seen += len(batch)
        self._drawn.append(self._thinned(numbers, batch))
        while len(self._drawn) and self._is_large():
            self._level += 1
            self._drawn = [self._thinned(*each) for each in self._drawn]

    def table(self) -> pa.Table:
        """Return the rows that were drawn, in the order of the table."""
        return pa.Table.from_batches([batch for _, batch in self._drawn])

    def _is_large(self) -> bool:
        rows = sum(len(numbers) for numbers, _ in self._drawn)
        return rows > _MOST_ROWS or (rows > 1 and sum(batch.nbytes for _, batch in self._drawn) > self._most)

    def _thinned(self, numbers: NDArray[np.uint64], batch: pa.RecordBatch) -> tuple[NDArray[np.uint64], pa.RecordBatch]:
        if not self._level:
            return numbers, batch
        kept = _mixed(numbers) % np.uint64(2**self._level) == 0
        return numbers[kept], batch.filter(pa.array(kept))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for constant in _MIX:
        numbers = (numbers ^ (numbers >> _SHIFT)) * constant
    return numbers ^ (numbers >> _SHIFT)
