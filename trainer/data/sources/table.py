"""The raw rows of a table, column by column, as a preparation takes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Dates", "Numbers", "Rows", "Table", "Words", "joined"]


@dataclass(frozen=True)
class Numbers:
    """Numbers, (rows,) of float64; NaN is missing."""

    values: NDArray[np.float64]

    def take(self, indices: NDArray[np.intp]) -> Self:
        """Return the rows at these indices."""
        return type(self)(self.values[indices])

    @property
    def comparable(self) -> NDArray[Any]:
        """Numbers, (rows,), that are equal where the cells are."""
        return self.values

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

    @property
    def comparable(self) -> NDArray[Any]:
        """Numbers, (rows,), that are equal where the cells are."""
        return self.codes

    def shown(self) -> NDArray[Any]:
        """Return the cells as objects."""
        return np.array(self.values, object)[self.codes] if self.values else np.empty(0, object)

    def missing(self) -> int:
        """Return how many rows are missing."""
        return sum(int((self.codes == place).sum()) for place, value in enumerate(self.values) if not value)

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

    @property
    def comparable(self) -> NDArray[Any]:
        """Numbers, (rows,), that are equal where the cells are."""
        return self.days

    @property
    def unit(self) -> str:
        """The unit that the dates are shown in, as NumPy names it: days if all are at midnight, else seconds."""
        return "D" if np.nanmax(self.days % 1, initial=0) == 0 else "s"

    def shown(self, unit: str | None = None) -> NDArray[Any]:
        """Return the cells as objects: ISO texts, without the time if all are at midnight or `unit` is D."""
        unit, known = unit or self.unit, ~np.isnan(self.days)
        texts = np.full(len(self.days), "", object)
        seconds = np.round(self.days[known] * 86_400).astype("datetime64[s]")
        texts[known] = np.datetime_as_string(seconds.astype(f"datetime64[{unit}]")).astype(object)
        return texts


Column = Numbers | Words | Dates


class Rows(Protocol):
    """Rows of a table that a preparation is fitted on."""

    def column(self, name: str) -> Column:
        """Return a column of these rows."""
        ...

    def words(self, name: str) -> Iterator[Words]:
        """Yield a column of texts, some rows at a time, in any order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of a file. `rows` are their numbers in the file, (rows,), counted from 0 without the header."""

    columns: Mapping[str, Column]
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Column:
        """Return a column."""
        return self.columns[name]

    def words(self, name: str) -> Iterator[Words]:
        """Yield a column of texts."""
        words = self.columns[name]
        if not isinstance(words, Words):
            raise TypeError("expected a column of texts")
        yield words

    def comparable(self) -> Iterator[NDArray[Any]]:
        """Return for each column numbers, (rows,), that are equal where the cells are."""
        return (column.comparable for column in self.columns.values())

    def empty_texts(self) -> int:
        """Return the number of missing texts in all columns."""
        words = [column for column in self.columns.values() if isinstance(column, Words)]
        return sum(each.missing() for each in words)

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


def joined(columns: Sequence[Column]) -> Column:
    """Return the rows of several columns of one kind, one column after another."""
    first = columns[0]
    if isinstance(first, Numbers):
        return Numbers(np.concatenate([column.values for column in columns if isinstance(column, Numbers)]))
    if isinstance(first, Dates):
        return Dates(np.concatenate([column.days for column in columns if isinstance(column, Dates)]))
    words = [column for column in columns if isinstance(column, Words)]
    places = {value: place for place, value in enumerate(dict.fromkeys(v for each in words for v in each.values))}
    codes = [np.array([places[value] for value in each.values], np.int32)[each.codes] for each in words]
    return Words(np.concatenate(codes), tuple(places))
