"""Tables that are larger than memory: a Parquet file whose columns are read some rows at a time.

A CSV file is written as Parquet to home's cache once for each content; a Parquet file is read where it is.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from trainer.data.prepared import PIECE
from trainer.data.row_cache import cached_file
from trainer.data.sources.file import state_of
from trainer.errors import DataError
from trainer.format import shortened_line
from trainer.home import Home

__all__ = ["Store", "StoredColumn", "plain_texts", "stored_csv"]

# Bytes of a cell in memory, at least.
_CELL = 8
# Bytes of the columns of a group of rows: small enough to be held, large enough that a file has few groups.
_GROUP = 2**23
# A page of every column that is read is in memory.
_PAGE = 2**16
_READ_AHEAD = 2**15
# Rows of a piece, at least.
_FEWEST = 1


class Store:
    """The columns of a Parquet file by name, of which only some rows are in memory at a time.

    Args:
        path: the file; its state is kept, so that a change is noticed.
        names: the columns, each as messages name it and as the file has it.
        shown: the name of the user's file, for messages.

    Raises:
        DataError: From every method, if the file has changed or is damaged.
    """

    def __init__(self, path: Path, names: Mapping[str, str], *, shown: str) -> None:
        self._path, self._names, self._shown, self._state = path, dict(names), shown, state_of(path)
        with self._opened() as file:
            groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
            self._counts = np.array([group.num_rows for group in groups], np.int64)
            self._schema = file.schema_arrow
            size = sum(group.total_byte_size for group in groups)
        self.rows = int(self._counts.sum())
        self._row = max(_CELL * len(self._names), math.ceil(size / max(1, self.rows)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._names)

    def type_of(self, name: str) -> Any:
        """Return the Arrow type of a column, as `pieces` gives it."""
        return _plain_type(self._schema.field(self._names[name]).type)

    def pieces(
        self, names: Sequence[str], rows: NDArray[np.intp] | None = None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the number of the first row of each piece, and the Arrow arrays of its columns.

        Args:
            names: the columns.
            rows: sorted numbers of rows; pieces without any of them may be left out. All rows by default.
        """
        ends = np.cumsum(self._counts)
        wanted = np.ones(len(ends), bool)
        if rows is not None:
            wanted = np.diff(np.searchsorted(rows, np.concatenate([[0], ends]))) > 0
        step = max(_FEWEST, PIECE // self._row)
        with self._opened() as file:
            for group in np.flatnonzero(wanted).tolist():
                first = int(ends[group] - self._counts[group])
                batches = file.iter_batches(
                    step, row_groups=[group], columns=[self._names[name] for name in names], use_threads=False
                )
                for batch in batches:
                    arrays = {name: pa.chunked_array([batch.column(self._names[name])]) for name in names}
                    yield first, {name: plain_texts(array) for name, array in arrays.items()}
                    first += len(batch)

    def _opened(self) -> "_Opened":
        return _Opened(self._path, self._state, self._shown)


class _Opened:
    """A Parquet file open for reading; a context manager that turns what Arrow raises into a DataError."""

    def __init__(self, path: Path, state: Any, shown: str) -> None:
        self._path, self._state, self._shown = path, state, shown

    def __enter__(self) -> Any:
        try:
            if state_of(self._path) != self._state:
                raise DataError(f"{self._shown} changed while it was read; wait until it is written, and try again.")
            # Without a buffer, Arrow reads all pages of a column in a group of rows at once.
            self._file = parquet.ParquetFile(self._path, buffer_size=_READ_AHEAD, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self._shown, error) from error
        return self._file

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._file.close()
        if isinstance(error, pa.ArrowException | OSError):
            raise _damaged(self._shown, error) from error


@dataclass(frozen=True)
class StoredColumn:
    """One column of a store."""

    store: Store
    name: str

    def __len__(self) -> int:
        return self.store.rows

    @property
    def type(self) -> Any:
        """The Arrow type."""
        return self.store.type_of(self.name)

    def pieces(self, rows: NDArray[np.intp] | None = None) -> Iterator[tuple[int, Any]]:
        """Yield the number of the first row of each piece, and its Arrow array, as `Store.pieces` does."""
        for first, columns in self.store.pieces([self.name], rows):
            yield first, columns[self.name]


def _plain_type(kind: Any) -> Any:
    """Return the type of a column as it is read: `string` for every type of texts."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_text = pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)
    return pa.string() if is_text else inner


def plain_texts(column: Any) -> Any:
    """Return a column of texts as plain strings, also if it is dictionary-encoded or uses views."""
    kind = _plain_type(column.type)
    return column if kind is column.type else column.cast(kind)


def stored_csv(
    home: Home, key: Mapping[str, Any], names: Sequence[str], batches: Callable[[], Iterable[Any]], *, path: Path
) -> Store:
    """Return the store of a CSV file, which is written to home's cache if it is not there.

    Args:
        home: the home with the cache.
        key: all that the cells follow from, as JSON.
        names: the names of the columns.
        batches: yields record batches of texts.
        path: the file, whose size is about that of the store.

    Raises:
        ResourceError: If the disk is full or cannot be written.
    """
    schema = pa.schema([(str(place), pa.string()) for place in range(len(names))])

    def write(file: Any) -> None:
        # Dictionaries would take a megabyte of memory for each column while a group is written.
        how: dict[str, Any] = {"use_dictionary": False, "write_statistics": False, "data_page_size": _PAGE}
        with parquet.ParquetWriter(file, schema, compression="lz4", **how) as writer:
            held, size = [], 0
            for batch in batches():
                held.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                size += batch.nbytes
                if size > _GROUP:
                    writer.write_table(pa.Table.from_batches(held, schema))
                    held, size = [], 0
            writer.write_table(pa.Table.from_batches(held, schema))

    stored = cached_file(home, key, write, size=path.stat().st_size)
    return Store(stored, {name: str(place) for place, name in enumerate(names)}, shown=path.name)


def _damaged(shown: str, error: BaseException) -> DataError:
    reason = shortened_line(str(error), 120).rstrip(".")
    return DataError(f"{shown} is not a valid Parquet file ({reason}); write it again.")
