"""Read the user's own table, divide it, and fit its preparation."""

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from trainer.config.datasets import AnyDataset
from trainer.config.file_datasets import RowFile, TableFile, Texts
from trainer.data.npz_file import memory_limit
from trainer.data.preparation import TablePreparation, TextPreparation, fit_table, fit_text
from trainer.data.profile.content import content_of
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Divided, RawArrays
from trainer.data.sources.cells import AnyCells, Cells, column_of
from trainer.data.sources.file import FileState, state_of, state_to_keep
from trainer.data.sources.readers import Grid, read_grid
from trainer.data.sources.roles import Roles, choose_roles
from trainer.data.sources.stored_cells import StoredCells
from trainer.data.sources.stored_table import StoredTable
from trainer.data.sources.table import Column, Table
from trainer.data.sources.table_targets import TableTargets, read_table_targets
from trainer.data.splits import divide
from trainer.data.splitting import Counts, Indices
from trainer.errors import DataError
from trainer.format import counted, readable_bytes, shortened_line
from trainer.home import Home

__all__ = [
    "PER_ROW",
    "WORKING",
    "ReadTable",
    "divide_table",
    "divided_rows",
    "file_title",
    "kept_rows",
    "left_out",
    "peek_table",
    "read_table",
    "table_about",
    "unlearned",
]

# A test trains within this limit.
WORKING, PER_ROW = 130_000_000, 50
"""Bytes that reading a stored table takes: for pieces of it, and for each row while one column is read."""

# Bytes of a cell in memory.
_CELL = 8
# Size of a file of prepared rows, in multiples of the memory that a dataset may occupy.
_FILES = 8
# Rows that a page chooses its samples from.
_PEEKED = 10_000


class ReadTable(NamedTuple):
    """A table with its roles and its targets.

    `table` and `weights` are of the rows that have a target, without the `repeated` ones if the config drops these.
    """

    grid: Grid
    cells: Mapping[str, AnyCells]
    roles: Roles
    table: Table | StoredTable
    targets: TableTargets
    weights: AnyArray | None
    repeated: int = 0


def table_about(dataset: RowFile, path: Path, home: Home) -> About:
    """Describe a table; the whole file is read, once for each of its states. Raises DataError if it is not valid."""
    return _about(dataset.model_dump_json(), path.absolute(), state_to_keep(path), home)


def divide_table(dataset: RowFile, path: Path, home: Home) -> Divided:
    """Read all rows, divide them, and fit the preparation on the training part. Raises DataError as above.

    The rows of a table that is larger than memory are read some at a time, with the same result.
    """
    before = state_of(path)
    divided = _divide(dataset, path, home)
    if state_of(path) != before:
        raise DataError(f"{path.name} changed while it was read; wait until it is written, and try again.")
    return divided


def peek_table(dataset: RowFile, path: Path, home: Home) -> RawArrays:
    """Read the first rows that have a target. Raises DataError as above."""
    read = read_table(dataset, path, home)
    first = np.arange(min(_PEEKED, len(read.table)), dtype=np.intp)
    return RawArrays(read.table.take(first), read.targets.targets.y[first])


# The state is part of the key, so that a changed file is read again.
@functools.lru_cache(maxsize=64)
def _about(canonical: str, path: Path, state: FileState, home: Home) -> About:
    dataset: Any = TypeAdapter(AnyDataset).validate_python(json.loads(canonical))
    return _divide(dataset, path, home).about


def _divide(dataset: RowFile, path: Path, home: Home) -> Divided:
    digest = content_of(path).digest
    read = read_table(dataset, path, home)
    indices = divided_rows(dataset, read)
    train = read.table.take(indices.train)
    preparation = _fitted(dataset, train, read.roles)
    _check_size(preparation, len(read.table), path)
    return Divided(
        about=_described(path, read, indices, preparation),
        samples=read.table,
        y=read.targets.targets.y,
        weights=read.weights,
        indices=indices,
        rows=read.table.rows,
        preparation=preparation,
        details={**read.grid.detected, "roles": {**read.roles.used, **read.roles.given, **read.roles.inferred}},
        digest=digest,
    )


def _fitted(dataset: RowFile, train: Table | StoredTable, roles: Roles) -> TablePreparation | TextPreparation:
    if isinstance(dataset, Texts):
        return fit_text(
            train,
            dataset.column,
            max_tokens=dataset.max_tokens,
            output_mode=dataset.output_mode,
            output_sequence_length=dataset.output_sequence_length,
            standardize=dataset.standardize,
            tokens=dataset.tokens,
        )
    if not isinstance(dataset, TableFile):
        raise TypeError(f"no preparation for {dataset.kind}")
    return fit_table(train, roles.used, bins=dataset.hash_bins, words=dataset.text_words)


def read_table(dataset: RowFile, path: Path, home: Home | None = None) -> ReadTable:
    """Read a table and check it against its config. Raises DataError if they do not match."""
    grid = read_grid(dataset, path, home)
    formats = dataset.date_formats if isinstance(dataset, TableFile) else {}
    cells: dict[str, Any] = {
        name: (Cells if grid.store is None else StoredCells)(
            array=array,
            where=f"{shortened_line(name, 60)!r} in {path.name}",
            decimal=grid.decimal,
            missing=dataset.missing,
            date_format=formats.get(name),
        )
        for name, array in grid.columns.items()
    }
    roles = choose_roles(dataset, cells, grid, path)
    targets = read_table_targets([cells[name] for name in dataset.target], dataset.task, dataset.labels)
    table: Table | StoredTable
    if grid.store is None:
        columns = {name: column_of(cells[name], role) for name, role in roles.used.items()}
        table = Table(columns=columns, rows=np.arange(len(grid), dtype=np.intp)).take(targets.kept)
    else:
        table = StoredTable(grid.store, cells, roles.used, targets.kept)
        for name, role in roles.given.items():
            # A cell that does not fit the config is refused before the rows are divided, as in memory.
            if role in {"numeric", "date"}:
                column_of(cells[name], role)
            elif role == "category":
                _check_categories(cells[name], len(grid), path)
    read = ReadTable(grid, cells, roles, table, targets, _weights(dataset, cells, targets))
    return _without_repeated(read) if dataset.drop_duplicates else read


def _without_repeated(read: ReadTable) -> ReadTable:
    """Leave out the rows that have the same values in every used column and target as an earlier row."""
    import pandas as pd  # takes half a second, which tables that keep their rows do without

    y = read.targets.targets.y
    # One column at a time: rows that are equal so far have the same number.
    numbers = np.zeros(len(y), np.int64)
    for values in (*(y.reshape(len(y), -1).T), *read.table.comparable()):
        codes, _ = pd.factorize(values, use_na_sentinel=False)
        numbers, _ = pd.factorize(numbers * (codes.max(initial=0) + 1) + codes)
    kept = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())
    return kept_rows(read, kept)._replace(repeated=len(y) - len(kept))


def kept_rows(read: ReadTable, kept: NDArray[np.intp]) -> ReadTable:
    """Return the rows at these indices only, counted without those that have no target."""
    targets = TableTargets(replace(read.targets.targets, y=read.targets.targets.y[kept]), read.targets.kept[kept])
    weights = None if read.weights is None else read.weights[kept]
    return read._replace(table=read.table.take(kept), targets=targets, weights=weights)


def _weights(dataset: RowFile, cells: Mapping[str, AnyCells], targets: TableTargets) -> AnyArray | None:
    if dataset.weight is None:
        return None
    weights = cells[dataset.weight].numbers().values[targets.kept].astype(np.float32)
    if not np.isfinite(weights).all() or weights.min() < 0 or not weights.any():
        raise DataError(
            f"{cells[dataset.weight].where} is the weight, which must be a number from 0 in every row, and not always "
            "0."
        )
    return weights


def divided_rows(dataset: RowFile, read: ReadTable) -> Indices:
    """Return the indices of the rows of each part. Raises DataError as `trainer.data.splits.divide`."""

    def column(name: str) -> Column:
        cells = read.cells[name]
        kind = {"numeric": "numeric", "date": "date"}.get(cells.kind, "category")
        return column_of(cells, kind).take(read.targets.kept)

    targets = read.targets.targets
    classes = targets.y if targets.task is Task.CLASSIFICATION else None
    return divide(dataset, len(targets.y), classes=classes, column=column)


def _check_categories(cells: AnyCells, rows: int, path: Path) -> None:
    """Refuse a stored column whose different texts alone would need more disk than the prepared rows may have."""
    found, most = cells.distinct(), _FILES * max(memory_limit(), path.stat().st_size)
    if 4 * found * rows > most:
        raise DataError(
            f"{cells.where} has {found:,} different texts, which become as many features of {rows:,} rows; give it the "
            "role hashed or ignore."
        )


def _check_size(preparation: TablePreparation | TextPreparation, rows: int, path: Path) -> None:
    (features,) = preparation.shape
    needed, most = 4 * features * rows, _FILES * max(memory_limit(), path.stat().st_size)
    # Prepared rows that memory cannot hold are streamed from a file.
    if needed > most:
        if isinstance(preparation, TextPreparation):
            field = "output_sequence_length" if preparation.output_mode == "int" else "max_tokens"
            raise DataError(
                f"{counted(rows, 'text')} of {features:,} values in {path.name} need {readable_bytes(needed)} of disk; "
                f"the limit is {readable_bytes(most)}. Reduce {field}."
            )
        widest = max(preparation.columns, key=lambda column: len(column.features))
        raise DataError(
            f"{path.name} becomes {features:,} features for {rows:,} rows, which needs {readable_bytes(needed)} of "
            f"disk; the limit is {readable_bytes(most)}. Give {widest.name[:60]!r} "
            f"({counted(len(widest.features), 'feature')}) the role hashed or ignore."
        )


def _described(path: Path, read: ReadTable, indices: Indices, preparation: TablePreparation | TextPreparation) -> About:
    targets = read.targets.targets
    is_sequence = isinstance(preparation, TextPreparation) and preparation.output_mode == "int"
    return About(
        title=file_title(path.name),
        kind=Kind.SEQUENCES if is_sequence else Kind.TABLE,
        input_dtype="int32" if is_sequence else "float32",
        vocabulary=preparation.size if isinstance(preparation, TextPreparation) and is_sequence else None,
        task=targets.task,
        other_task=targets.other_task,
        input_shape=preparation.shape,
        samples=len(read.table),
        parts=Counts(len(indices.train), len(indices.validation), len(indices.test)),
        is_weighted=read.weights is not None,
        classes=targets.classes,
        class_names=targets.class_names,
        feature_names=preparation.features,
        raw_names=tuple(read.roles.used),
        outputs=targets.outputs,
        targets=targets.distribution,
        scale="columns",
        # Of a stored table only the numbers of the rows are in memory.
        raw_bytes=_CELL * len(read.table) * (len(read.roles.used) if read.grid.store is None else 1),
        working_bytes=0 if read.grid.store is None else WORKING + PER_ROW * len(read.grid),
        notes=tuple(_notes(read, indices)),
    )


def _notes(read: ReadTable, indices: Indices) -> list[str]:
    found = left_out(read)
    remark = read.roles.remark
    if remark:
        found.append(remark)
    if "text" in read.roles.used.values():
        empty = read.table.empty_texts()
        if empty:
            found.append(f"{counted(empty, 'text')} {'is' if empty == 1 else 'are'} empty.")
    return [*found, *unlearned(read, indices)]


def left_out(read: ReadTable, *, broken: int = 0) -> list[str]:
    """Return sentences about the rows that are left out: repeated ones, and those without a target.

    `broken` is the number of rows that are left out for another reason.
    """
    found = []
    if read.repeated:
        verb = "repeats" if read.repeated == 1 else "repeat"
        found.append(f"{counted(read.repeated, 'row')} that {verb} an earlier row {_is(read.repeated)} left out.")
    dropped = len(read.grid) - len(read.table) - read.repeated - broken
    if dropped:
        found.append(f"{counted(dropped, 'row')} without a target {_is(dropped)} left out.")
    return found


def unlearned(read: ReadTable, indices: Indices) -> list[str]:
    """Return a sentence about the classes that no training sample has, if there are any."""
    targets = read.targets.targets
    unseen = set(range(targets.classes or 0)) - set(np.unique(targets.y[indices.train]).tolist())
    if not unseen:
        return []
    names = ", ".join(targets.class_names[place] for place in sorted(unseen)[:5])
    return [f"No training sample has class {names}, so it cannot be learned."]


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def file_title(name: str) -> str:
    """Return the name of a file, shortened in the middle if it is long."""
    return name if len(name) <= 45 else f"{name[:20]}…{name[-20:]}"
