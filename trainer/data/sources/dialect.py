"""How a text file is delimited and encoded, detected from its bytes where the config does not say it."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import DataError

__all__ = ["DELIMITERS", "Dialect", "detect"]

DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "space": " "}
"""The characters between columns by their name in a config."""

# Bytes from which the delimiter and the decimal sign are detected.
_SAMPLE = 2**18
_MOST_LINES = 200
_PIECE = 2**22
# A space is often part of a text, so it is only chosen by hand.
_DETECTED = (",", ";", "tab", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WITH_COMMA, _WITH_POINT = re.compile(r"[+-]?\d+,\d+"), re.compile(r"[+-]?\d+\.\d+([eE][+-]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The delimiter by its name in a config, the encoding as Python names it, and the decimal sign of a file."""

    delimiter: str
    encoding: str
    decimal: str


def detect(
    path: Path, *, delimiter: str | None = None, encoding: str | None = None, decimal: str | None = None
) -> Dialect:
    """Return the dialect of a file: what is given, and what is detected for the rest.

    Raises:
        DataError: If the file is empty, has no text, or is not in the given encoding.
        OSError: If it cannot be read.
    """
    found = encoding or _encoding(path)
    lines = _lines(path, found)
    if not any(line.strip() for line in lines):
        raise DataError(f"{path.name} is empty; expected a line with the names of the columns, and rows.")
    chosen = delimiter or _delimiter(lines, path)
    return Dialect(delimiter=chosen, encoding=found, decimal=decimal or _decimal(lines, chosen))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked
    # Of UTF-16 without a mark, every other byte of Western text is 0.
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(zeros) > 1 and zeros.count(0) > 0.4 * len(zeros):
            return name
    return "utf-8" if _decodes(path, "utf-8") else "cp1252" if _decodes(path, "cp1252") else "latin-1"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines, without one that the sample may have cut."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        is_whole = not file.read(1)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start, final=is_whole)
    except LookupError as error:
        raise DataError(f"{encoding!r} is not an encoding; expected one such as utf-8, cp1252 or utf-16.") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not valid {encoding}, first at byte {error.start:,}; set encoding to that of the file, "
            "or remove it to have it detected."
        ) from error
    if "\0" in text:
        raise DataError(f"{path.name} contains NUL characters, so it is not a text file; export it as CSV again.")
    lines = text.removeprefix("\ufeff").splitlines()
    return (lines if is_whole else lines[:-1] or lines)[:_MOST_LINES]


def _fields(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=DELIMITERS[delimiter]) if row]
    except csv.Error:
        # A field beyond the limit of the csv module; the reader of the file reports it with its place.
        return []


def _delimiter(lines: list[str], path: Path) -> str:
    """Return the delimiter that gives most rows as many fields as the first, and the most fields."""
    best, most = "tab" if path.suffix.lower() in {".tsv", ".tab"} else ",", (0.0, 1)
    for delimiter in _DETECTED:
        rows = _fields(lines, delimiter)
        if not rows or len(rows[0]) < 2:
            continue
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        # Nearly all rows, since the detection should survive a damaged one.
        score = (float(alike > 0.9), len(rows[0])) if alike > 0.9 else (alike, len(rows[0]))
        if score > most:
            best, most = delimiter, score
    return best


def _decimal(lines: list[str], delimiter: str) -> str:
    cells = [cell.strip() for row in _fields(lines, delimiter)[1:] for cell in row]
    commas = sum(_WITH_COMMA.fullmatch(cell) is not None for cell in cells)
    points = sum(_WITH_POINT.fullmatch(cell) is not None for cell in cells)
    return "," if commas > points else "."
