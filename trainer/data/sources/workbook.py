"""Read a sheet of an Excel workbook (.xlsx) with openpyxl, which is optional."""

import datetime
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from trainer.data.npz_file import memory_limit
from trainer.errors import DataError
from trainer.format import readable_bytes, shortened_line

__all__ = ["read_sheet"]


def read_sheet(path: Path, sheet: str | None) -> tuple[list[str], list[Any], list[str]]:
    """Return the names in the first row of a sheet, its columns as Arrow arrays, and the titles of all sheets.

    Cells with formulas have results.

    Raises:
        DataError: If openpyxl is missing, the file is not a workbook or too large, or it has no such sheet.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            "Reading .xlsx files requires openpyxl, which is not installed; install openpyxl, or save the sheet as CSV."
        ) from error
    _check_size(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    # What openpyxl raises for damaged files has no common class.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, SyntaxError) as error:
        raise DataError(f"{path.name} is not a valid .xlsx workbook; save it from Excel again.") from error
    try:
        rows = _sheet(book, sheet, path).iter_rows(values_only=True)
        names = next(rows, None) or ()
        titles = [each.title for each in book.worksheets]
        cells = [row for row in rows if any(value is not None for value in row)]
    finally:
        book.close()
    width = max((place for place, name in enumerate(names, start=1) if name is not None), default=0)
    columns = [_column([row[place] if place < len(row) else None for row in cells]) for place in range(width)]
    return ["" if name is None else str(name) for name in names[:width]], columns, titles


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path.name} is not a valid .xlsx workbook; save it from Excel again.") from error
    if 10 * size > memory_limit():
        raise DataError(
            f"{path.name} unpacks to {readable_bytes(size)}, too much for the limit of "
            f"{readable_bytes(memory_limit())}; save the sheet as CSV."
        )


def _sheet(book: Any, sheet: str | None, path: Path) -> Any:
    if not book.worksheets:
        raise DataError(f"{path.name} has no sheet with cells; expected one with a table.")
    found = next((each for each in book.worksheets if each.title == sheet), None) if sheet else book.worksheets[0]
    if found is None:
        titles = shortened_line(", ".join(each.title for each in book.worksheets), 200)
        raise DataError(f"{path.name} has no sheet {sheet!r}; it has {titles}.")
    return found


def _column(values: list[Any]) -> Any:
    """Return numbers or dates if all cells are such, and texts otherwise."""
    given = [value for value in values if value is not None]
    if given and _all_are(given, (int, float), but=bool):
        return pa.chunked_array([pa.array([None if value is None else float(value) for value in values], pa.float64())])
    if given and _all_are(given, (datetime.datetime, datetime.date)):
        return pa.chunked_array([pa.array(values, pa.timestamp("us"))])
    return pa.chunked_array([pa.array([None if value is None else _text(value) for value in values], pa.string())])


def _all_are(values: Iterable[Any], kinds: tuple[type, ...], *, but: type | None = None) -> bool:
    return all(isinstance(value, kinds) and not (but is not None and isinstance(value, but)) for value in values)


def _text(value: Any) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.datetime | datetime.date) else str(value)
