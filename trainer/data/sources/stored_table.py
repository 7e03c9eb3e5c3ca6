"""Rows of a table that is larger than memory, as a preparation takes them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.sources.cells import Cells, column_of
from trainer.data.sources.store import Store
from trainer.data.sources.stored_cells import StoredCells
from trainer.data.sources.table import Column, Table, Words, joined

__all__ = ["StoredTable"]


class StoredTable:
    """Some rows of the used columns of a store, read when they are needed.

    Args:
        store: the columns.
        cells: the cells of each used column.
        roles: the role of each used column.
        rows: the numbers of the rows in the file, (rows,).
    """

    def __init__(
        self, store: Store, cells: Mapping[str, StoredCells], roles: Mapping[str, str], rows: NDArray[np.intp]
    ) -> None:
        self._store, self._cells, self._roles = store, cells, roles
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: NDArray[np.intp]) -> "StoredTable":
        """Return the rows at these indices; nothing is read."""
        return StoredTable(self._store, self._cells, self._roles, self.rows[indices])

    def column(self, name: str) -> Column:
        """Read a column of these rows."""
        return column_of(self._cells[name], self._roles[name]).take(self.rows)

    def words(self, name: str) -> Iterator[Words]:
        """Yield the texts of a column of these rows, some at a time, in any order."""
        rows = np.sort(self.rows)
        for first, cells in self._cells[name].pieces(rows):
            inside = rows[slice(*np.searchsorted(rows, [first, first + len(cells.array)]))]
            if len(inside):
                yield cells.words().take(inside - first)

    def in_pieces(self) -> Iterator[Table]:
        """Yield all rows in the order of the file, some at a time."""
        rows = np.sort(self.rows)
        for first, arrays in self._store.pieces(tuple(self._roles), rows):
            count = len(next(iter(arrays.values())))
            inside = rows[slice(*np.searchsorted(rows, [first, first + count]))]
            if len(inside):
                parts = {name: self._cells[name].part(array, first) for name, array in arrays.items()}
                yield Table(columns=self._read(parts, inside - first), rows=inside)

    def read(self) -> Table:
        """Read these rows, in their order."""
        if not len(self.rows):
            first = StoredTable(self._store, self._cells, self._roles, np.zeros(1, np.intp)).read()
            return first.take(np.empty(0, np.intp))
        order = np.argsort(self.rows, kind="stable")
        pieces = list(self.in_pieces())
        columns = {name: joined([piece.columns[name] for piece in pieces]) for name in self._roles}
        return Table(columns=columns, rows=self.rows[order]).take(np.argsort(order))

    def comparable(self) -> Iterator[NDArray[Any]]:
        """Yield for each column numbers, (rows,), that are equal where the cells are; two for each column of texts."""
        for name, role in self._roles.items():
            if role in {"numeric", "date"}:
                yield self.column(name).comparable
            else:
                yield from (hashes[self.rows] for hashes in self._cells[name].hashes())

    def empty_texts(self) -> int:
        """Return the number of missing texts in all columns."""
        names = [name for name, role in self._roles.items() if role not in {"numeric", "date"}]
        return sum(words.missing() for name in names for words in self.words(name))

    def shown(self) -> NDArray[Any]:
        """Return the cells as they are shown, (rows, columns) of objects."""
        return self.read().shown()

    def _read(self, cells: Mapping[str, Cells], indices: NDArray[np.intp]) -> dict[str, Column]:
        return {name: column_of(part, self._roles[name]).take(indices) for name, part in cells.items()}
