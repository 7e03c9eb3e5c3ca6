"""The first rows of a file as text, to look at."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from trainer.data.profile.content import files_in
from trainer.data.profile.dialect import Dialect, first_rows, with_first_name
from trainer.data.profile.kinds import TEXT_SUFFIXES, FileKind
from trainer.errors import DataError
from trainer.format import cut, one_line

__all__ = ["Rows", "first_files", "sample_rows"]

_LONGEST = 200


class Rows(NamedTuple):
    """Names of columns, and rows of as many texts; empty where a value is missing."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sample_rows(
    path: Path, kind: FileKind, *, dialect: Dialect | None = None, sheet: str | None = None, count: int = 20
) -> Rows | None:
    """Return the first rows of a table, of a workbook's `sheet` or its first one; None for a file that has none.

    Raises:
        DataError: If the file cannot be read.
    """
    if kind is FileKind.CSV and dialect is not None:
        names, *rows = first_rows(path, dialect)
        return _rows(with_first_name(names), rows[:count])
    if kind is FileKind.PARQUET:
        return _of_parquet(path, count)
    if kind is FileKind.XLSX:
        from trainer.data.sources.workbook import read_sheet

        names, columns, _ = read_sheet(path, sheet)
        return _rows(with_first_name(names), zip(*(column[:count].to_pylist() for column in columns), strict=True))
    return None


def first_files(path: Path, *, count: int = 12) -> tuple[tuple[str, Path], ...]:
    """Return classes and texts of a folder with a subfolder for each class: the first of each, then the second, …

    Raises:
        DataError: If a folder cannot be read.
    """
    files = [file for file in files_in(path) if file.suffix.lower() in TEXT_SUFFIXES and file.parent != path]
    classes = itertools.groupby(files, key=lambda file: file.relative_to(path).parts[0])
    by_class = {name: list(of) for name, of in classes}
    ranked = itertools.zip_longest(*by_class.values())
    found = ((name, file) for row in ranked for name, file in zip(by_class, row, strict=True) if file is not None)
    return tuple(itertools.islice(found, count))


def _of_parquet(path: Path, count: int) -> Rows:
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            batch = next(file.iter_batches(batch_size=count), None)
            rows: Iterator[Any] = zip(*batch.to_pydict().values(), strict=True) if batch is not None else iter(())
            return _rows(names, rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(f"{path.name} is not a valid Parquet file ({cut(one_line(str(error)), 120)}).") from error


def _rows(names: Sequence[str], rows: Any) -> Rows:
    shown = tuple(tuple("" if value is None else cut(one_line(str(value)), _LONGEST) for value in row) for row in rows)
    # A row may be shorter or longer than the header, which reading the whole file reports.
    width = len(names)
    return Rows(tuple(names), tuple((*row[:width], *[""] * (width - len(row))) for row in shown))
