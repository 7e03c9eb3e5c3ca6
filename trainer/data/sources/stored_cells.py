"""The cells of a stored column, read some rows at a time, with the results of `Cells` on the whole column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.npz_file import memory_limit
from trainer.data.sources.cells import FIRST, Cells
from trainer.data.sources.store import StoredColumn
from trainer.data.sources.table import Dates, Numbers, Words
from trainer.errors import DataError
from trainer.format import readable_bytes

__all__ = ["StoredCells"]

# Bytes that Python takes for a text besides its characters, in a list and in a dictionary.
_TEXT = 160


@dataclass(frozen=True, kw_only=True)
class StoredCells:
    """One column of a file that is larger than memory. The fields are those of `Cells`."""

    array: StoredColumn
    where: str
    decimal: str = "."
    missing: tuple[str, ...] = ()
    date_format: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether the file has texts here."""
        return bool(pa.types.is_string(self.array.type))

    @cached_property
    def kind(self) -> str:
        """Return numeric, date, text, empty or other, as `Cells.kind` does."""
        if not self.is_text:
            return next((cells.kind for _, cells in self.pieces() if cells.kind != "empty"), "empty")
        start = self._start()
        if not len(start.array):
            return "empty"
        if self.date_format:
            return "date"
        if start.has_only_numbers() and (
            all(cells.has_plain_numbers() for _, cells in self.pieces())
            or all(cells.has_only_numbers() for _, cells in self.pieces())
        ):
            return "numeric"
        return "date" if start.has_only_dates() and all(part.has_only_dates() for _, part in self.pieces()) else "text"

    def pieces(self, rows: NDArray[np.intp] | None = None) -> Iterator[tuple[int, Cells]]:
        """Yield the number of the first row of each piece, and its cells.

        Pieces without any of the `rows`, which are sorted, may be left out.
        """
        for first, array in self.array.pieces(rows):
            yield first, self.part(array, first)

    def part(self, array: Any, first: int) -> Cells:
        """Return the cells of the rows from `first` on, as those of the whole column are read."""
        is_written = not self.is_text and (pa.types.is_timestamp(self.array.type) or pa.types.is_date(self.array.type))
        unit = self._unit if is_written else None
        return Cells(
            array=array,
            where=self.where,
            decimal=self.decimal,
            missing=self.missing,
            date_format=self.date_format,
            first_row=first,
            unit=unit,
        )

    def numbers(self) -> Numbers:
        """Read numbers as `Cells.numbers` does."""
        return Numbers(self._filled(cells.numbers().values for _, cells in self.pieces()))

    def dates(self) -> Dates:
        """Read dates as `Cells.dates` does."""
        return Dates(self._filled(cells.dates().days for _, cells in self.pieces()))

    def words(self) -> Words:
        """Read texts as `Cells.words` does.

        Raises:
            DataError: If the distinct texts need too much memory, or as `Cells.words` raises it.
        """
        codes, places = np.empty(len(self.array), np.int32), dict[str, int]()
        size, most = 0, memory_limit() // 4
        for first, cells in self.pieces():
            words, known = cells.words(), len(places)
            # Missing cells get their place when the number of texts is known.
            found = [places.setdefault(value, len(places)) if value else -1 for value in words.values]
            codes[first : first + len(words.codes)] = np.array([*found, -1], np.int32)[words.codes]
            size += sum(_TEXT + len(value) for value in islice(reversed(places), len(places) - known))
            if size > most:
                raise DataError(
                    f"The different texts in {self.where} need more than {readable_bytes(most)} of memory; give the "
                    "column the role hashed, text or ignore."
                )
        is_missing = codes < 0
        codes[is_missing] = len(places)
        return Words(codes, (*places, "") if is_missing.any() else tuple(places))

    def distinct(self) -> int:
        """Return the number of different texts that are not missing, by their hashes of 64 bits."""
        texts = (cells.words().values for _, cells in self.pieces())
        found = [_hashes(np.array([value for value in values if value], object)) for values in texts]
        return len(np.unique(np.concatenate(found)))

    def hashes(self) -> list[NDArray[np.uint64]]:
        """Return two hashes of 64 bits of each text, (rows,), which differ where the texts do."""
        keys = [np.empty(len(self.array), np.uint64) for _ in range(2)]
        for first, cells in self.pieces():
            words = cells.words()
            for place, key in enumerate(keys):
                key[first : first + len(words.codes)] = _hashes(np.array(words.values, object), place)[words.codes]
        return keys

    @cached_property
    def _unit(self) -> str:
        """The unit that dates are written in: days only if all of them are at midnight."""
        parts = (Cells(array=array, where=self.where) for _, array in self.array.pieces())
        return "s" if any(part.dates().unit == "s" for part in parts) else "D"

    def _start(self) -> Cells:
        """Return the first cells that are not missing."""
        found: list[Any] = []
        for _, cells in self.pieces():
            found.append(cells.array.drop_null().slice(0, FIRST))
            if sum(len(each) for each in found) >= FIRST:
                break
        return self.part(pa.chunked_array(found, pa.string()).slice(0, FIRST), 0)

    def _filled(self, pieces: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        values, first = np.empty(len(self.array)), 0
        for piece in pieces:
            values[first : first + len(piece)] = piece
            first += len(piece)
        return values


def _hashes(texts: NDArray[Any], place: int = 0) -> NDArray[np.uint64]:
    from pandas.util import hash_array  # takes half a second, which tables in memory do without

    return hash_array(texts, hash_key=f"{place:016}", categorize=False)
