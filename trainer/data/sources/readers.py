"""Read the columns of a file as Arrow arrays: CSV, Parquet, and Excel's xlsx."""

import contextlib
import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from trainer.config.file_datasets import DELIMITERS, Csv, Images, Parquet, RowFile, Texts, Xlsx
from trainer.data.npz_file import memory_limit
from trainer.data.profile.content import content_of
from trainer.data.profile.dialect import Dialect, detect_dialect, with_first_name
from trainer.data.sources.file import state_of
from trainer.data.sources.store import Store, StoredColumn, plain_texts, stored_csv
from trainer.errors import DataError
from trainer.format import counted, readable_bytes, shortened_line
from trainer.home import Home

__all__ = ["Grid", "is_pictures", "read_grid"]

# Bytes of memory that a byte of a file of each kind takes at most while it is read.
_GROWTH = {"csv": 4, "parquet": 20, "xlsx": 100, "text": 4, "images": 4}
# A row has to fit into a block.
_BLOCK = 2**22
# Arrow reads dozens of blocks ahead, so those of a file that is larger than memory are smaller if its rows are.
_STREAMED_BLOCK = 2**20
_LONGEST_NAME = 60
# Arrow skips the mark at the beginning of UTF-8 itself, and would decode other encodings in Python.
_ARROW = {"utf-8": "utf8", "utf-8-sig": "utf8"}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The columns of a file by name, all of the same length, and what was detected: delimiter, encoding and so on.

    `columns` are Arrow arrays, or columns of `store` if the file is larger than memory.
    """

    columns: Mapping[str, Any]
    store: Store | None = None
    decimal: str = "."
    detected: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read_grid(dataset: RowFile, path: Path, home: Home | None = None) -> Grid:
    """Read all columns; those of a table that is larger than memory are only looked up, or stored in home's cache.

    Without a home, a CSV file that is larger than memory is refused.

    Raises:
        DataError: If the file is not valid, is too large, or has no rows.
        ResourceError: If the disk is too full for a table that is larger than memory.
    """
    # Of a zip file of pictures only the names are read.
    needed = 0 if isinstance(dataset, Images) and is_pictures(path) else _GROWTH[dataset.kind] * path.stat().st_size
    is_large = needed > memory_limit()
    if is_large and (home is None or dataset.kind in {"xlsx", "images"} or path.is_dir()):
        raise DataError(
            f"{path.name} needs up to {readable_bytes(needed)} of memory, but the limit is "
            f"{readable_bytes(memory_limit())}; use fewer rows or columns, or save it as CSV."
        )
    grid: Grid = _READERS[dataset.kind](dataset, path, home if is_large else None)
    if not grid.columns:
        raise DataError(f"{path.name} has no columns to read; expected a target and at least one more column.")
    if not len(grid):
        raise DataError(f"{path.name} has a header but no rows; expected a row for each sample.")
    return grid


def _csv(dataset: Csv, path: Path, home: Home | None) -> Grid:
    """Read a CSV file, into the cache of `home` if it is given."""
    dialect = detect_dialect(path, delimiter=dataset.delimiter, encoding=dataset.encoding, decimal=dataset.decimal)
    detected = {"delimiter": _name(dialect), "encoding": dialect.encoding, "decimal": dialect.decimal}
    if home is not None:
        return _in_store(_stored(path, dialect, home), decimal=dialect.decimal, detected=detected)
    table = _csv_table(path, dialect)
    names = _checked_names(table.column_names, path)
    columns = dict(zip(names, table.columns, strict=True))
    return Grid(columns=columns, decimal=dialect.decimal, detected=detected)


def _in_store(store: Store, **more: Any) -> Grid:
    return Grid(columns={name: StoredColumn(store, name) for name in store.names}, store=store, **more)


def _name(dialect: Dialect) -> str:
    """Return the delimiter as a config names it."""
    return next(name for name, character in DELIMITERS.items() if character == dialect.delimiter)


def _stored(path: Path, dialect: Dialect, home: Home) -> Store:
    from pyarrow import csv as arrow_csv

    state, refused, block = state_of(path), list[Any](), _STREAMED_BLOCK
    key = {"table": content_of(path).digest, "delimiter": dialect.delimiter, "encoding": dialect.encoding}

    def opened() -> Any:
        return arrow_csv.open_csv(path, *_options(path, dialect, refused, threads=True, block=block))

    def batches() -> Iterator[Any]:
        with opened() as reader:
            yield from reader
        if state_of(path) != state:
            raise DataError(f"{path.name} changed while it was read; wait until it is written, and try again.")

    while True:
        try:
            with opened() as reader:
                names = _checked_names(reader.schema.names, path)
            return stored_csv(home, key, names, batches, path=path)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            if "straddling" not in str(error) or block == _BLOCK:
                raise _complaint(path, dialect, refused, error) from error
            block = _BLOCK


def _csv_table(path: Path, dialect: Dialect) -> Any:
    from pyarrow import csv as arrow_csv

    refused: list[Any] = []
    try:
        return arrow_csv.read_csv(path, *_options(path, dialect, refused, threads=True))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if refused:
            # Arrow knows the number of a row only if it reads in one thread.
            refused.clear()
            with contextlib.suppress(pa.ArrowInvalid):
                arrow_csv.read_csv(path, *_options(path, dialect, refused, threads=False))
        raise _complaint(path, dialect, refused, error) from error


def _options(
    path: Path, dialect: Dialect, refused: list[Any], *, threads: bool, block: int = _BLOCK
) -> tuple[Any, Any, Any]:
    """Return Arrow's options to read texts; a row with another number of fields than the header is put in `refused`."""
    from pyarrow import csv as arrow_csv

    def refuse(row: Any) -> str:
        refused.append(row)
        return "error"

    parse = arrow_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    how = arrow_csv.ReadOptions(
        encoding=_ARROW.get(dialect.encoding, dialect.encoding), use_threads=threads, block_size=block
    )
    names = _header(path, dialect)
    convert = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return how, parse, convert


def _complaint(path: Path, dialect: Dialect, refused: list[Any], error: Exception) -> DataError:
    if refused:
        return _ragged(path, refused[0], dialect)
    return DataError(f"{path.name} is not valid {dialect.encoding} CSV: {_reason(error)}; correct the file.")


def _header(path: Path, dialect: Dialect) -> list[str]:
    with path.open(encoding=dialect.encoding, newline="") as file:
        try:
            return next((row for row in csv.reader(file, delimiter=dialect.delimiter) if row), [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"The first line of {path.name} cannot be read ({error}); expected names of columns."
            ) from error


def _ragged(path: Path, row: Any, dialect: Dialect) -> DataError:
    place = "A row" if row.number is None else f"Row {row.number - 1:,} below the header"
    return DataError(
        f"{place} of {path.name} has {counted(row.actual_columns, 'field')}, but the header has "
        f"{row.expected_columns:,} ({shortened_line(row.text, _LONGEST_NAME)!r}); correct the row, or set another "
        f"delimiter than {_name(dialect)!r}."
    )


def _reason(error: Exception) -> str:
    text = shortened_line(str(error).removeprefix("CSV parse error: "), 160).rstrip(".")
    return f"a row is longer than {_BLOCK:,} bytes" if "straddling" in text else text


def _checked_names(names: list[str], path: Path) -> list[str]:
    """Return the names of the columns without spaces around them, each checked to be there once."""
    found = with_first_name([name.removeprefix("\ufeff").strip() for name in names])
    seen: set[str] = set()
    for place, name in enumerate(found, start=1):
        if not name:
            raise DataError(f"Column {place:,} of {path.name} has no name; name every column in the first line.")
        if name in seen:
            shown = shortened_line(name, _LONGEST_NAME)
            raise DataError(f"{path.name} has several columns named {shown!r}; rename all but one.")
        seen.add(name)
    return found


def _parquet(dataset: Parquet, path: Path, home: Home | None) -> Grid:
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
            names = _checked_names(file.schema_arrow.names, path)
            if home is not None or 3 * size > memory_limit():
                return _in_store(Store(path, dict(zip(names, file.schema_arrow.names, strict=True)), shown=path.name))
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path.name} is not a valid Parquet file ({shortened_line(str(error), 120).rstrip('.')}); write it again."
        ) from error
    return Grid(columns={name: plain_texts(column) for name, column in zip(names, table.columns, strict=True)})


def _xlsx(dataset: Xlsx, path: Path, home: Home | None) -> Grid:
    from trainer.data.sources.workbook import read_sheet

    names, columns, _ = read_sheet(path, dataset.sheet)
    return Grid(columns=dict(zip(_checked_names(names, path), columns, strict=True)))


def _texts(dataset: Texts, path: Path, home: Home | None) -> Grid:
    """Read a folder of texts, or a table that contains them."""
    if path.is_dir():
        from trainer.data.sources.text_folder import read_text_folder

        columns, encoding = read_text_folder(path, dataset.encoding)
        return Grid(columns=columns, detected={"encoding": encoding})
    fields: dict[str, Any] = {"path": dataset.path, "target": dataset.target}
    if path.suffix.lower() == ".parquet":
        return _parquet(Parquet(**fields), path, home)
    return _csv(Csv(**fields, delimiter=dataset.delimiter, encoding=dataset.encoding), path, home)


def is_pictures(path: Path) -> bool:
    """Return whether a dataset of pictures is these themselves, a folder or a zip file, rather than a table of them."""
    return path.is_dir() or path.suffix.lower() == ".zip"


def _images(dataset: Images, path: Path, home: Home | None) -> Grid:
    """Read the names and classes of pictures, or a table of their paths and targets."""
    fields: dict[str, Any] = {"path": dataset.path, "target": dataset.target}
    if path.suffix.lower() == ".parquet":
        return _parquet(Parquet(**fields), path, home)
    if not is_pictures(path):
        return _csv(Csv(**fields), path, home)
    from trainer.data.sources.pictures import find_pictures

    found = find_pictures(path)
    classes = np.array(found.classes, object)[found.labels]
    return Grid(columns={"image": pa.chunked_array([pa.array(found.names)]), "class": pa.chunked_array([classes])})


_READERS: Mapping[str, Callable[..., Grid]] = {
    "csv": _csv,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "text": _texts,
    "images": _images,
}
