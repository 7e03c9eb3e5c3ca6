"""The raw rows of a table, column by column, as a preparation takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Dates", "Numbers", "Table", "Words"]


@dataclass(frozen=True)
class Numbers:
    """Numbers, (rows,) of float64; NaN is missing."""

    values: NDArray[np.float64]

    def take(self, indices: NDArray[np.intp]) -> Self:
        """Return the rows at these indices."""
        return type(self)(self.values[indices])

    def shown(self) -> NDArray[Any]:
        """Return the cells as objects: floats, or an empty text where a number is missing."""
        return np.where(np.isnan(self.values), "", self.values.astype(object))


@dataclass(frozen=True)
class Words:
    """Texts: row i is `values[codes[i]]`; the empty text is missing."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    def take(self, indices: NDArray[np.intp]) -> Self:
        """Return the rows at these indices."""
        return type(self)(self.codes[indices], self.values)

    def shown(self) -> NDArray[Any]:
        """Return the cells as objects."""
        return np.array(self.values, object)[self.codes] if self.values else np.empty(0, object)

    def counts(self) -> NDArray[np.intp]:
        """Return how many rows have each value, (values,)."""
        return np.bincount(self.codes, minlength=len(self.values))


@dataclass(frozen=True)
class Dates:
    """Dates as days since 1970-01-01, (rows,) of float64, with the time of day as a fraction; NaN is missing."""

    days: NDArray[np.float64]

    def take(self, indices: NDArray[np.intp]) -> Self:
        """Return the rows at these indices."""
        return type(self)(self.days[indices])

    def shown(self) -> NDArray[Any]:
        """Return the cells as objects: ISO texts, without the time if all are at midnight."""
        unit, known = ("D" if np.nanmax(self.days % 1, initial=0) == 0 else "s"), ~np.isnan(self.days)
        texts = np.full(len(self.days), "", object)
        seconds = np.round(self.days[known] * 86_400).astype("datetime64[s]")
        texts[known] = np.datetime_as_string(seconds.astype(f"datetime64[{unit}]")).astype(object)
        return texts


Column = Numbers | Words | Dates


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of a file. `rows` are their numbers in the file, (rows,), counted from 0 without the header."""

    columns: Mapping[str, Column]
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: NDArray[np.intp]) -> "Table":
        """Return the rows at these indices."""
        return Table(
            columns={name: column.take(indices) for name, column in self.columns.items()}, rows=self.rows[indices]
        )

    def shown(self) -> NDArray[Any]:
        """Return the cells as they are shown, (rows, columns) of objects."""
        cells = np.empty((len(self), len(self.columns)), object)
        for place, column in enumerate(self.columns.values()):
            cells[:, place] = column.shown()
        return cells
