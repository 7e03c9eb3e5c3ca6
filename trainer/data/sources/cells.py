"""The cells of a file's column, as Arrow has them, read as numbers, texts or dates by stated rules.

- Spaces around a text do not count. An empty cell and the texts in `MISSING` are missing, and so are the config's own
  `missing` values.
- A number has digits, a decimal sign and an exponent, but no thousands separator.
- A date is written as ISO 8601 has it: 2026-11-27, perhaps with a time, and a zone, which is converted to UTC; in a
  column with a format of its own as Python's `strptime` reads it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from trainer.data.sources.missing import MISSING
from trainer.data.sources.table import Column, Dates, Numbers, Words
from trainer.errors import DataError

__all__ = ["FIRST", "AnyCells", "Cells", "column_of", "number_text"]

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$"
_LARGEST = float(np.finfo(np.float32).max)
_MICROSECONDS = 86_400_000_000
_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)

FIRST = 100
"""The number of cells that decide what a column cannot be, which saves looking at all others."""


class AnyCells(Protocol):
    """One column of a file, in memory or stored, and how its texts are read."""

    @property
    def where(self) -> str:
        """The name of the column in messages."""
        ...

    @property
    def kind(self) -> str:
        """Numeric, date, text, empty or other."""
        ...

    def numbers(self) -> Numbers:
        """Read numbers. Raises DataError if a cell is none."""
        ...

    def words(self) -> Words:
        """Read texts."""
        ...

    def dates(self) -> Dates:
        """Read dates. Raises DataError if a cell is none."""
        ...

    def distinct(self) -> int:
        """Return the number of different texts that are not missing."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cells:
    """One column of a file: an Arrow array, and how its texts are read.

    `where` names the column in messages, and `first_row` is the number of the first cell's row. `date_format` is how
    its dates are written if not as ISO 8601. Texts are kept without spaces around them, and null where they are
    missing. `unit` is what dates are written in as texts, by default days if all of them are at midnight, else seconds.
    """

    array: Any
    where: str
    decimal: str = "."
    missing: tuple[str, ...] = ()
    date_format: str | None = None
    first_row: int = 0
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.is_text:
            found = pc.utf8_trim_whitespace(self.array)
            missing = pa.array([*MISSING, *self.missing], found.type)
            object.__setattr__(self, "array", pc.if_else(pc.is_in(found, missing), None, found))

    @property
    def is_text(self) -> bool:
        """Whether the file has texts here, such as every column of a CSV file."""
        kind = self.array.type
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

    @cached_property
    def kind(self) -> str:
        """Return numeric, date or text, empty if all cells are missing, or other if no role can use them."""
        kind = self.array.type
        if self.is_text:
            found = self.array.drop_null()
            if not len(found):
                return "empty"
            if self.date_format:
                return "date"
            is_numeric = _all(found.slice(0, FIRST), self._number) and (
                self.has_plain_numbers() or self.has_only_numbers()
            )
            return "numeric" if is_numeric else "date" if _all(found, _DATE) else "text"
        if self.array.null_count == len(self.array):
            return "empty"
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return "numeric"
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return "date"
        return "text" if pa.types.is_boolean(kind) else "other"

    def has_plain_numbers(self) -> bool:
        """Return whether Arrow casts all texts that are there to finite numbers.

        It takes a tenth of the time of `has_only_numbers`, but a positive number must have no sign.
        """
        values = self._cast_to_numbers(self.array.drop_null())
        return values is not None and bool(pc.all(pc.is_finite(values), min_count=0).as_py())

    def has_only_numbers(self) -> bool:
        """Return whether all texts that are there are numbers."""
        return _all(self.array.drop_null(), self._number)

    def has_only_dates(self) -> bool:
        """Return whether all texts that are there are written as dates."""
        return _all(self.array.drop_null(), _DATE)

    def numbers(self) -> Numbers:
        """Read numbers, at most 3.4e38 (the largest float32).

        Raises:
            DataError: If a cell is not such a number.
        """
        values = self._float64()
        for word in self.missing:
            number = _number_or_none(word)
            values = values if number is None else np.where(values == number, np.nan, values)
        with np.errstate(invalid="ignore"):
            large = np.abs(values) > _LARGEST
        if large.any():
            raise self._refusal(large, "a number up to 3.4e38, the largest float32", "scale the column down.")
        return Numbers(values)

    def words(self) -> Words:
        """Read texts; numbers and dates are written out."""
        encoded = _dictionary(self.array if self.is_text else self._written())
        values = encoded.dictionary.to_pylist()
        codes = pc.fill_null(encoded.indices, len(values)).to_numpy(zero_copy_only=False).astype(np.int32)
        has_missing = bool(encoded.indices.null_count)
        return Words(codes, (*values, "") if has_missing else tuple(values))

    def distinct(self) -> int:
        """Return the number of different texts that are not missing."""
        return sum(bool(value) for value in self.words().values)

    def dates(self) -> Dates:
        """Read dates.

        Raises:
            DataError: If a cell is not an ISO date, or not of the column's own format.
        """
        kind = self.array.type
        if self.is_text and self.date_format:
            return self._formatted_dates(self.date_format)
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            times = self.array
        elif self.is_text:
            found = self.array
            self._check_all(found, _DATE, "a date such as 2026-11-27", "or give the column another role.")
            zoned = pc.match_substring_regex(found, r"(Z|[+-]\d{2}:?\d{2})$")
            suffix = pc.if_else(pc.greater(pc.utf8_length(found), 10), "Z", "T00:00Z")
            plain = pc.if_else(zoned, found, pc.binary_join_element_wise(found, suffix, ""))
            times = self._cast(plain)
        else:
            raise DataError(f"{self.where} has type {kind}; expected dates. Give the column another role.")
        micros = pc.cast(pc.cast(times, pa.timestamp("us", getattr(times.type, "tz", None)), safe=False), pa.int64())
        days = np.asarray(pc.cast(micros, pa.float64(), safe=False).to_numpy(), np.float64) / _MICROSECONDS
        return Dates(days)

    def _formatted_dates(self, form: str) -> Dates:
        encoded = _dictionary(self.array)
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        # The last one is for -1, which is missing.
        micros = np.full(len(encoded.dictionary) + 1, np.nan)
        for place, text in enumerate(encoded.dictionary.to_pylist()):
            try:
                micros[place] = (datetime.strptime(text, form) - _EPOCH) // _MICROSECOND
            except ValueError:
                expected = f"a date of the format {form}"
                advice = "correct the file, or the column's format in date_formats."
                raise self._refusal(codes == place, expected, advice) from None
        return Dates(micros[codes] / _MICROSECONDS)

    @property
    def _number(self) -> str:
        return _NUMBER if self.decimal == "." else _NUMBER.replace(r"\.", ",")

    def _cast_to_numbers(self, found: Any) -> Any:
        """Return the texts as float64, None if Arrow cannot cast all of them."""
        try:
            return pc.cast(found if self.decimal == "." else pc.replace_substring(found, ",", "."), pa.float64())
        except pa.ArrowInvalid:
            return None

    def _float64(self) -> NDArray[np.float64]:
        kind = self.array.type
        if self.is_text:
            array = self._cast_to_numbers(self.array)
            if array is None or self._may_be_other(array):
                advice = "or give the column another role; list texts that mean missing in missing."
                self._check_all(self.array, self._number, "a number", advice)
                array = self._cast_to_numbers(pc.utf8_ltrim(self.array, "+"))
        elif self.kind in {"numeric", "empty"}:
            array = pc.cast(self.array, pa.float64(), safe=False)
        else:
            raise DataError(f"{self.where} has type {kind}; expected numbers. Give the column another role.")
        values = np.array(array.to_numpy(), np.float64)
        infinite = np.isinf(values)
        if infinite.any():
            raise self._refusal(infinite, "a finite number", "remove or replace the value.")
        return values

    def _may_be_other(self, array: Any) -> bool:
        """Return whether Arrow has read something that is no number here: infinity, or a point where commas are."""
        has_point = self.decimal == "," and pc.any(pc.match_substring(self.array, ".")).as_py()
        return bool(has_point or not pc.all(pc.is_finite(array)).as_py())

    def _written(self) -> Any:
        kind = self.array.type
        if pa.types.is_boolean(kind):
            texts = ["True" if value else None if value is None else "False" for value in self.array.to_pylist()]
        elif self.kind == "numeric":
            texts = [None if np.isnan(value) else number_text(value) for value in self.numbers().values.tolist()]
        elif self.kind == "date":
            texts = [value or None for value in self.dates().shown(self.unit).tolist()]
        elif self.kind == "empty":
            texts = [None] * len(self.array)
        else:
            raise DataError(f"{self.where} has type {kind}, which no role can use; set its role to ignore.")
        return pa.chunked_array([pa.array(texts, pa.string())])

    def _check_all(self, found: Any, pattern: str, expected: str, advice: str) -> None:
        fits = pc.match_substring_regex(found, pattern)
        wrong = ~np.asarray(pc.fill_null(fits, True).to_numpy(), bool)
        if wrong.any():
            raise self._refusal(wrong, expected, f"correct the file, {advice}")

    def _cast(self, found: Any) -> Any:
        try:
            return pc.cast(found, pa.timestamp("us", tz="UTC"))
        except pa.ArrowInvalid as error:
            raise DataError(
                f"{self.where} contains a date that does not exist ({_quoted(str(error))}); correct the file, or give "
                "the column another role."
            ) from error

    def _refusal(self, wrong: NDArray[np.bool_], expected: str, advice: str) -> DataError:
        place = int(wrong.argmax())
        value = str(self.array[place].as_py())[:40]
        return DataError(
            f"{self.where} is {value!r} in row {self.first_row + place + 1:,} below the header; expected {expected}: "
            f"{advice}"
        )


def column_of(cells: AnyCells, role: str) -> Column:
    """Read a column as its role takes it. Raises DataError if a cell does not fit."""
    if role == "numeric":
        return cells.numbers()
    return cells.dates() if role == "date" else cells.words()


def number_text(value: float) -> str:
    """Return a number as the text of a category: whole numbers without a decimal point."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _all(found: Any, pattern: str) -> bool:
    # Most columns differ from the pattern in the first cells, which saves looking at all of them.
    first = pc.all(pc.match_substring_regex(found.slice(0, FIRST), pattern), min_count=0).as_py()
    return bool(first and pc.all(pc.match_substring_regex(found, pattern), min_count=0).as_py())


def _dictionary(array: Any) -> Any:
    return (
        array.combine_chunks().dictionary_encode() if isinstance(array, pa.ChunkedArray) else array.dictionary_encode()
    )


def _number_or_none(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _quoted(text: str) -> str:
    return text.split("'")[1][:40] if text.count("'") >= 2 else text[:80]
