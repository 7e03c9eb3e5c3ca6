"""Read the columns of a CSV or Parquet file for a profile, in bounded memory."""

import csv
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from trainer.data.npz_file import memory_limit
from trainer.data.profile.column import Column, column_of
from trainer.data.profile.content import content_of
from trainer.data.profile.dialect import Dialect, detect_dialect, first_rows, with_first_name
from trainer.data.profile.large import sampled_table, typed_texts
from trainer.data.profile.table import Table
from trainer.data.sources.missing import MISSING
from trainer.data.sources.workbook import read_sheet
from trainer.errors import DataError
from trainer.format import counted, cut, one_line, readable_bytes

__all__ = ["MISSING_WORDS", "read_csv", "read_parquet", "read_workbook"]

MISSING_WORDS = MISSING
"""Texts in a CSV file that mean a missing value, the same as those of pandas."""

_BLOCK, _LARGE_BLOCK = 2**20, 2**24
_SHOWN, _LONGEST_TITLES = 60, 200
# A file that unpacks to this multiple of its size says next to nothing, but would take hours to read.
_LARGEST_RATIO = 100


def read_csv(
    path: Path,
    dialect: Dialect | None = None,
    *,
    missing: Iterable[str] = (),
    fields: Mapping[str, Any] = MappingProxyType({}),
    limit: int | None = None,
) -> Table:
    """Read a CSV file with a header line; `missing` are further texts that mean a missing value.

    `limit` is the memory that the table may take, in bytes; of a larger one a sample is read, and all rows are counted
    as the `fields` of the dataset in a config take them.

    Raises:
        DataError: If the file cannot be read, or its rows differ in length.
    """
    found, missing = dialect or detect_dialect(path), list(missing)
    names = _header(path, found)
    convert = pa_csv.ConvertOptions(
        strings_can_be_null=True, null_values=[*MISSING_WORDS, *missing], decimal_point=found.decimal
    )
    most = memory_limit() if limit is None else limit
    try:
        data = _streamed(path, found, convert, most).columns
    except _TooLargeError:
        return _sampled_csv(path, found, names, [*MISSING_WORDS, *missing], fields, most)
    except (pa.ArrowException, UnicodeError, OSError, ValueError) as error:
        raise _complaint(path, found, len(names), error) from error
    rows = len(data[0])
    return Table(columns=_columns(names, data), rows=rows, dialect=found)


def read_parquet(path: Path, *, fields: Mapping[str, Any] = MappingProxyType({}), limit: int | None = None) -> Table:
    """Read a Parquet file; `limit` and `fields` are as in `read_csv`.

    Raises:
        DataError: If the file is damaged, or unpacks to 100 times its size and more than the limit.
    """
    most = memory_limit() if limit is None else limit
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            _check_names(path, names)
            # Runs of equal values are tiny in the file, so only the rows that were read show their size in memory.
            try:
                data = pa.Table.from_batches(_within(_batches(file), most), file.schema_arrow).columns
            except _TooLargeError as error:
                if error.per_row * file.metadata.num_rows > _LARGEST_RATIO * path.stat().st_size:
                    raise DataError(_unpacks_too_far(path, most)) from error
                return sampled_table(names, lambda: _batches(file), fields, most, lambda name, column, kind: column)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        why = cut(one_line(str(error)), 120)
        raise DataError(f"{path.name} is not a Parquet file, or is damaged ({why}); write it again.") from error
    rows = len(data[0])
    if not rows:
        raise DataError(f"{path.name} has no rows; expected at least one.")
    return Table(columns=_columns(names, data), rows=rows)


def read_workbook(path: Path, sheet: str | None = None) -> Table:
    """Read a sheet of an Excel workbook, by default the first one.

    Raises:
        DataError: If openpyxl is missing, or the file is not a workbook, is too large, or has no such sheet or no rows.
    """
    names, data, titles = read_sheet(path, sheet)
    names = with_first_name(names)
    _check_names(path, names)
    rows = len(data[0])
    if not rows:
        raise DataError(f"{path.name} has no rows; expected at least one.")
    # Excel has no integers.
    columns = tuple(column.as_integers() for column in _columns(names, list(data)))
    return Table(columns=columns, rows=rows, notes=_about_sheets(titles, sheet))


def _about_sheets(titles: Sequence[str], sheet: str | None) -> tuple[str, ...]:
    if len(titles) < 2:
        return ()
    others = [title for title in titles if title != (sheet or titles[0])]
    told = cut(", ".join(others), _LONGEST_TITLES)
    return (f"This is the sheet {cut(sheet or titles[0], _SHOWN)!r}; the workbook also has {told}.",)


def _columns(names: Sequence[str], data: list[pa.ChunkedArray]) -> tuple[Column, ...]:
    """Convert the columns, and empty the list: each is released once converted, so that no two are in memory twice."""

    def converted(name: str) -> Column:
        found = column_of(name, data.pop(0))
        pa.default_memory_pool().release_unused()
        return found

    return tuple(converted(name) for name in names)


def _streamed(path: Path, dialect: Dialect, convert: pa_csv.ConvertOptions, most: int) -> pa.Table:
    """Read block by block; text is stored as codes, which takes less memory than a table of strings."""
    options = _options(dialect, convert, _BLOCK)
    try:
        with pa_csv.open_csv(path, **options) as reader:
            return pa.Table.from_batches(_within(_encoded(reader), most))
    except pa.ArrowInvalid as error:
        if "conversion error" not in str(error) and "straddl" not in str(error):
            raise
        # The types of a stream are those of its first block, so a later value of another type takes a look at all of
        # them; and a row has to fit into a block.
        if content_of(path).size > most:
            raise _TooLargeError from error
        return pa_csv.read_csv(path, **_options(dialect, convert, _LARGE_BLOCK))


def _options(dialect: Dialect, convert: pa_csv.ConvertOptions, block: int) -> dict[str, Any]:
    return {
        "read_options": pa_csv.ReadOptions(block_size=block, encoding=_arrow_encoding(dialect.encoding)),
        "parse_options": pa_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
        "convert_options": convert,
    }


def _encoded(reader: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        columns = [each.dictionary_encode() if pa.types.is_string(each.type) else each for each in batch.columns]
        yield pa.RecordBatch.from_arrays(columns, names=[str(place) for place in range(len(columns))])


class _TooLargeError(Exception):
    """A table that needs more memory than it may take; `per_row` are the bytes of a row in memory."""

    def __init__(self, per_row: float = 0.0) -> None:
        super().__init__(per_row)
        self.per_row = per_row


def _within(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[pa.RecordBatch]:
    total, rows = 0, 0
    for batch in batches:
        total, rows = total + batch.nbytes, rows + len(batch)
        # The table, and once more while its columns are converted one by one.
        if 2 * total > most:
            raise _TooLargeError(total / max(1, rows))
        yield batch


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    yield from file.iter_batches(batch_size=65_536)


def _sampled_csv(
    path: Path, dialect: Dialect, names: Sequence[str], missing: list[str], fields: Mapping[str, Any], most: int
) -> Table:
    """Read a sample of the rows, and count all of them."""
    # As the file has them, with spaces around them.
    written = first_rows(path, dialect)[0]
    convert = pa_csv.ConvertOptions(column_types=dict.fromkeys(written, pa.string()), strings_can_be_null=False)
    typed = typed_texts(missing, dialect.decimal)
    error: Exception
    for block in (_BLOCK, _LARGE_BLOCK):
        read = functools.partial(_all_rows, path, _options(dialect, convert, block))
        try:
            return replace(sampled_table(names, read, fields, most, typed), dialect=dialect)
        except (pa.ArrowException, UnicodeError, OSError, ValueError) as failed:
            error = failed
            if "straddl" not in str(failed):
                break
    raise _complaint(path, dialect, len(names), error) from error


def _all_rows(path: Path, options: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
    with pa_csv.open_csv(path, **options) as reader:
        yield from reader


def _unpacks_too_far(path: Path, most: int) -> str:
    return (
        f"{path.name} would need more than {readable_bytes(most)} of memory, {_LARGEST_RATIO} times its size and more; "
        "profile a file with some of its rows."
    )


def _header(path: Path, dialect: Dialect) -> tuple[str, ...]:
    rows = first_rows(path, dialect)
    names = with_first_name([name.strip() for name in rows[0]] if rows else [])
    if len(rows) < 2:
        raise DataError(f"{path.name} has a header line but no rows; expected at least one.")
    if sum(_is_number(name) for name in names) > len(names) / 2:
        raise DataError(
            f"Line 1 of {path.name} contains numbers ({cut(', '.join(names), _SHOWN)}); add a header line with the "
            "names of the columns."
        )
    _check_names(path, names)
    return tuple(names)


def _check_names(path: Path, names: Sequence[str]) -> None:
    if "" in names:
        raise DataError(
            f"Column {names.index('') + 1:,} of {path.name} has no name; name every column in the first line."
        )
    repeated = next((name for name, times in Counter(names).items() if times > 1), None)
    if repeated is not None:
        raise DataError(
            f"{path.name} has more than one column {cut(repeated, _SHOWN)!r}; give each column its own name."
        )
    if not names:
        raise DataError(f"{path.name} has no columns; expected at least one.")


def _complaint(path: Path, dialect: Dialect, width: int, error: Exception) -> DataError:
    """Return a sentence that says where the file cannot be read."""
    if isinstance(error, DataError):
        return error
    said = str(error)
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.")
    if isinstance(error, UnicodeError) or "UTF8" in said or "utf-8" in said:
        return DataError(f"{path.name} is not {dialect.encoding} throughout; give its encoding, or null to detect it.")
    ragged = _ragged(path, dialect, width)
    if ragged:
        return DataError(ragged)
    if "straddl" in said or "parse error" in said:
        return DataError(
            f"{path.name} has a row of more than {readable_bytes(_LARGE_BLOCK)}, probably because a quotation mark "
            "that opens is never closed; correct the quotation marks."
        )
    return DataError(f"{path.name} cannot be read as CSV ({cut(one_line(said), 120)}); export the table again.")


def _ragged(path: Path, dialect: Dialect, width: int) -> str | None:
    """Return which row has another number of fields than the header, or None."""
    with path.open(encoding=dialect.encoding, newline="", errors="replace") as stream:
        reader = csv.reader(stream, delimiter=dialect.delimiter)
        try:
            for row in reader:
                if row and len(row) != width:
                    return (
                        f"Line {reader.line_num:,} of {path.name} has {counted(len(row), 'field')}, but the header has "
                        f"{width:,}; correct the line, or give another delimiter than {dialect.delimiter!r}."
                    )
        except csv.Error as error:
            return f"Line {reader.line_num:,} of {path.name} cannot be read ({error}); correct the line."
    return None


def _arrow_encoding(encoding: str) -> str:
    # pyarrow skips the byte order mark of UTF-8 itself, and reads UTF-8 without decoding it.
    return "utf8" if encoding in ("utf-8", "utf-8-sig") else encoding


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return text.strip().lower() not in ("nan", "inf", "infinity")
