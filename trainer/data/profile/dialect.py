"""The dialect of a CSV file: encoding, delimiter and decimal sign, as detected from its first lines."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.config.file_datasets import DELIMITERS
from trainer.data.profile.content import content_of
from trainer.errors import DataError
from trainer.format import readable_bytes

__all__ = ["Dialect", "detect_dialect", "first_rows", "with_first_name"]

_HEAD = 2**18
_LONGEST_LINE = 2**22
_MOST_ROWS = 200
_DELIMITERS = (",", ";", "\t", "|")
_INDEX = "Unnamed: 0"
_COMMA_NUMBER = re.compile(r"\s*[+-]?\d+,\d+\s*")
_POINT_NUMBER = re.compile(r"\s*[+-]?\d+\.\d+\s*")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a CSV file is written. `encoding` is a name of Python's; `decimal` is `.` or `,`."""

    encoding: str
    delimiter: str
    decimal: str


def detect_dialect(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, decimal: str | None = None
) -> Dialect:
    """Return the dialect of a CSV file; what is given is taken as it is, and the rest is detected.

    A given delimiter is a character, or its name in a config. Otherwise it is the one of comma, semicolon, tab and
    vertical bar that divides most of the first 200 rows into the same number of fields, at least two. The decimal sign
    is a comma if more fields look like `1,5` than like `1.5`.

    Raises:
        DataError: If the file cannot be read, is empty, is not text, or has a line of more than 4 MB.
    """
    chosen = encoding or _encoding(path)
    text = _head(path, chosen)
    chosen_delimiter = DELIMITERS.get(delimiter, delimiter) if delimiter else _delimiter(text)
    return Dialect(
        encoding=chosen,
        delimiter=chosen_delimiter,
        decimal=decimal or _decimal(_rows(text, chosen_delimiter), chosen_delimiter),
    )


def with_first_name(names: Sequence[str]) -> list[str]:
    """Return the names of columns; a first one without a name, such as the index that pandas writes, gets pandas's."""
    is_index = len(names) > 1 and not names[0] and _INDEX not in names
    return [_INDEX, *names[1:]] if is_index else list(names)


def first_rows(path: Path, dialect: Dialect) -> list[list[str]]:
    """Return up to 200 rows from the beginning of the file as text, the header first.

    Raises:
        DataError: As `detect_dialect` does.
    """
    return _rows(_head(path, dialect.encoding), dialect.delimiter)


def _encoding(path: Path) -> str:
    found = content_of(path)
    if found.zeros and not str(found.encoding).startswith("utf-16"):
        raise DataError(f"{path.name} contains NUL bytes, so it is not a text file; export the table as CSV again.")
    return str(found.encoding)


def _head(path: Path, encoding: str) -> str:
    """Return the first lines of the file, complete ones only."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as stream:
            content = stream.read(_HEAD)
            while not _has_line_end(content) and len(content) < _LONGEST_LINE and (more := stream.read(_HEAD)):
                content += more
            is_whole = not stream.read(1)
        text = decoder.decode(content, final=False)
    except LookupError as error:
        raise DataError(f"Unknown encoding {encoding!r}; expected one of Python's, such as utf-8.") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not {encoding} (byte {error.start:,}); give another encoding, or null to detect it."
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
    if not text.strip("\ufeff \t\r\n"):
        raise DataError(f"{path.name} is empty; expected a header line with the names of the columns, and rows.")
    if is_whole:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    if end < 0:
        raise DataError(
            f"Line 1 of {path.name} is longer than {readable_bytes(_LONGEST_LINE)}; expected a line end after each row."
        )
    return text[: end + 1]


def _has_line_end(content: bytes) -> bool:
    return b"\n" in content or b"\r" in content


def _delimiter(text: str) -> str:
    def fit(delimiter: str) -> tuple[float, int]:
        lengths = Counter(len(row) for row in _rows(text, delimiter))
        # A title above the header, or a damaged row, must not hide what all other rows agree on.
        width, times = max(lengths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        return (times / lengths.total() if width > 1 else 0.0), width

    fits = {delimiter: fit(delimiter) for delimiter in _DELIMITERS}
    best = max(fits, key=lambda delimiter: fits[delimiter])
    return best if fits[best][1] > 1 else ","


def _decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    fields = [field for row in rows[1:] for field in row]
    commas, points = _matches(_COMMA_NUMBER, fields), _matches(_POINT_NUMBER, fields)
    # Unquoted fields of a file with commas as delimiter cannot contain one.
    return "," if commas > points and delimiter != "," else "."


def _matches(pattern: re.Pattern[str], fields: Iterable[str]) -> int:
    return sum(1 for field in fields if pattern.fullmatch(field))


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows; blank lines, and a row that Python's csv module refuses, are left out."""
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    while len(found) < _MOST_ROWS:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if row:
            found.append(row)
    return found
