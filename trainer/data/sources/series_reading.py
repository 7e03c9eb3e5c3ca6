"""Read the user's own time series, divide its windows, and fit the preparation of its steps."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.config.series import Series
from trainer.data.npz_file import memory_limit
from trainer.data.preparation import SeriesPreparation, Windows, fit_series
from trainer.data.profile.content import content_of
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Divided
from trainer.data.sources.cells import AnyCells, Cells, column_of
from trainer.data.sources.file import FileState, state_of, state_to_keep
from trainer.data.sources.readers import Grid, read_grid
from trainer.data.sources.roles import Roles, check_column, inferred_role
from trainer.data.sources.series_windows import Steps, WindowParts, divide_windows
from trainer.data.sources.stored_cells import StoredCells
from trainer.data.sources.table import Dates, Table, Words
from trainer.data.sources.table_reading import PER_ROW, WORKING, file_title
from trainer.data.splits import group_numbers
from trainer.data.splitting import Counts
from trainer.errors import DataError
from trainer.format import counted, readable_bytes, shortened_line
from trainer.home import Home

__all__ = ["ReadSeries", "divide_series", "output_names", "read_series", "series_about"]

_FLOAT, _CELL = 4, 8
_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class ReadSeries:
    """A table of steps in order: its raw columns, the float32 targets of each step (steps, targets), and its roles.

    `is_sorted` tells whether the file has the steps in this order, `series` how many series there are.
    """

    grid: Grid
    kinds: Mapping[str, str]
    roles: Roles
    table: Table
    targets: NDArray[np.float32]
    steps: Steps
    is_sorted: bool
    series: int


def series_about(dataset: Series, path: Path, home: Home) -> About:
    """Describe a series; the whole file is read, once for each of its states. Raises DataError if it is not valid."""
    return _about(dataset.model_dump_json(), path.absolute(), state_to_keep(path), home)


def divide_series(dataset: Series, path: Path, home: Home) -> Divided:
    """Read all steps, divide their windows, and fit the preparation. Raises DataError as above.

    The columns of a table that is larger than memory are read one by one, and kept as numbers.
    """
    before = state_of(path)
    divided = _divide(dataset, path, home)
    if state_of(path) != before:
        raise DataError(f"{path.name} changed while it was read; wait until it is written, and try again.")
    return divided


# The state is part of the key, so that a changed file is read again.
@functools.lru_cache(maxsize=64)
def _about(canonical: str, path: Path, state: FileState, home: Home) -> About:
    return _divide(Series.model_validate(json.loads(canonical)), path, home).about


def _divide(dataset: Series, path: Path, home: Home) -> Divided:
    digest = content_of(path).digest
    read = read_series(dataset, path, home)
    windows = divide_windows(dataset, read.steps)
    preparation = fit_series(read.table.take(np.flatnonzero(windows.parts == 0)), read.roles.used, past=dataset.past)
    _check_size(dataset, len(windows.starts), path)
    following = windows.starts[:, None] + np.arange(dataset.past, dataset.past + dataset.horizon)
    y = read.targets[following].reshape(len(windows.starts), -1)
    return Divided(
        about=_described(dataset, path, read, windows, preparation, y),
        samples=Windows(steps=read.table, targets=read.targets, starts=windows.starts, past=dataset.past),
        y=y,
        indices=windows.indices,
        rows=read.table.rows[windows.starts + dataset.past],
        preparation=preparation,
        details={**read.grid.detected, "roles": {**read.roles.used, **read.roles.given, **read.roles.inferred}},
        digest=digest,
    )


def output_names(dataset: Series) -> tuple[str, ...]:
    """Return the names of the outputs: of each step all targets, such as `sales +1`, `sales +2`."""
    return tuple(f"{name} +{step}" for step in range(1, dataset.horizon + 1) for name in dataset.target)


def read_series(dataset: Series, path: Path, home: Home) -> ReadSeries:
    """Read a table of steps and check it against its config. Raises DataError if they do not match."""
    grid = read_grid(dataset.as_table(), path, home)
    cells: dict[str, AnyCells] = {
        name: (Cells if grid.store is None else StoredCells)(
            array=array,
            where=f"{shortened_line(name, _LONGEST_NAME)!r} in {path.name}",
            decimal=grid.decimal,
            missing=dataset.missing,
            date_format=dataset.date_formats.get(name),
        )
        for name, array in grid.columns.items()
    }
    roles = _roles(dataset, cells, grid, path)
    _check_steps(len(roles.used), grid, path)
    targets = [cells[name].numbers().values for name in dataset.target]
    series = np.zeros(len(grid), np.int64) if dataset.id is None else _series(cells[dataset.id])
    times = None if dataset.time is None else _times(cells[dataset.time])
    order = np.argsort(series, kind="stable") if times is None else np.lexsort((times, series))
    columns = {name: column_of(cells[name], role) for name, role in roles.used.items()}
    values = np.column_stack(targets)[order]
    return ReadSeries(
        grid=grid,
        kinds={name: each.kind for name, each in cells.items()},
        roles=roles,
        table=Table(columns=columns, rows=np.arange(len(grid), dtype=np.intp)).take(order),
        targets=values.astype(np.float32),
        steps=Steps(
            series=series[order],
            times=None if times is None else times[order],
            has_targets=np.asarray(~np.isnan(values).any(axis=1)),
        ),
        is_sorted=bool((np.diff(order) == 1).all()),
        series=len(np.unique(series)),
    )


def _roles(dataset: Series, cells: Mapping[str, AnyCells], grid: Grid, path: Path) -> Roles:
    """Return the roles of all columns; those of the order and of the series are ignored unless the config uses them."""
    named = {
        **dict.fromkeys(dataset.columns, "columns"),
        **dict.fromkeys(dataset.date_formats, "date_formats"),
        **({dataset.id: "id"} if dataset.id else {}),
        **({dataset.time: "time"} if dataset.time else {}),
        **dict.fromkeys(dataset.target, "target"),
    }
    for name, where in named.items():
        check_column(name, where, grid, path)
    if len(set(dataset.target)) < len(dataset.target):
        raise DataError(f"target names a column of {path.name} twice; name each once.")
    both = next((name for name in dataset.target if name in (dataset.id, dataset.time)), None)
    if both is not None:
        raise DataError(f"{both[:_LONGEST_NAME]!r} is the target of {path.name}, so it is neither its time nor its id.")
    wrong = next(
        (name for name in dataset.target if dataset.columns.get(name, "numeric") in {"category", "date"}), None
    )
    if wrong is not None:
        raise DataError(
            f"{wrong[:_LONGEST_NAME]!r} is the target of {path.name}, so its role must be numeric, or ignore if the "
            f"network should not be given its past; got {dataset.columns[wrong]}."
        )
    fixed = {
        **dict.fromkeys(filter(None, (dataset.id, dataset.time)), "ignore"),
        **dict.fromkeys(dataset.target, "numeric"),
    }
    given = {**fixed, **dataset.columns}
    inferred = {name: _inferred(each, len(grid)) for name, each in cells.items() if name not in given}
    roles = {name: given.get(name) or inferred[name] for name in grid.columns}
    used = {name: role for name, role in roles.items() if role != "ignore"}
    if not used:
        raise DataError(f"No column of {path.name} is left as an input; give a column the role numeric or category.")
    return Roles(used=used, inferred=inferred, given=given)


def _inferred(cells: AnyCells, rows: int) -> str:
    role = inferred_role(cells, rows)
    return role if role in {"numeric", "category", "date"} else "ignore"


def _series(cells: AnyCells) -> NDArray[np.int64]:
    """Return the number of each row's series in the order of their names, (rows,)."""
    column = column_of(cells, {"numeric": "numeric", "date": "date"}.get(cells.kind, "category"))
    missing = np.isnan(column.comparable)
    if isinstance(column, Words):
        missing = np.isin(column.codes, [place for place, value in enumerate(column.values) if not value])
    if missing.any():
        raise DataError(
            f"{cells.where} is missing in row {int(missing.argmax()) + 1:,} below the header; expected the name of a "
            "series in every row."
        )
    return group_numbers(column)


def _times(cells: AnyCells) -> NDArray[np.float64]:
    """Return the time of each row as days or as a number, (rows,)."""
    if cells.kind not in {"numeric", "date"}:
        raise DataError(
            f"{cells.where} orders the steps, but contains {'nothing' if cells.kind == 'empty' else 'text'}; expected "
            "dates such as 2026-11-27, or numbers. Choose another column, or leave time out if the file is in order."
        )
    column = column_of(cells, cells.kind)
    times: AnyArray = np.asarray(column.days if isinstance(column, Dates) else column.values)
    missing = np.isnan(times)
    if missing.any():
        raise DataError(
            f"{cells.where} is missing in row {int(missing.argmax()) + 1:,} below the header; expected a time in every "
            "row."
        )
    return times


def _check_steps(columns: int, grid: Grid, path: Path) -> None:
    # Each column as numbers, and once more in the order of the steps.
    needed = 2 * _CELL * columns * len(grid)
    if grid.store is not None and needed > memory_limit():
        raise DataError(
            f"{counted(len(grid), 'step')} of {counted(columns, 'column')} in {path.name} need "
            f"{readable_bytes(needed)} of memory; the limit is {readable_bytes(memory_limit())}. Give columns the role "
            "ignore, or use fewer steps."
        )


def _check_size(dataset: Series, windows: int, path: Path) -> None:
    needed = _FLOAT * dataset.horizon * len(dataset.target) * windows
    if needed > memory_limit():
        raise DataError(
            f"The {dataset.horizon:,} next steps of {counted(windows, 'window')} in {path.name} need "
            f"{readable_bytes(needed)} of memory; the limit is {readable_bytes(memory_limit())}. Reduce horizon, or "
            "increase step."
        )


def _described(
    dataset: Series, path: Path, read: ReadSeries, windows: WindowParts, preparation: SeriesPreparation, y: AnyArray
) -> About:
    # Of the training part alone: a first network is scaled by them.
    values = y[windows.indices.train].astype(np.float64)
    features = len(preparation.features)
    return About(
        title=file_title(path.name),
        kind=Kind.SERIES,
        task=Task.REGRESSION,
        input_shape=preparation.shape,
        samples=len(y),
        parts=Counts(*(len(indices) for indices in windows.indices[:3])),
        feature_names=preparation.features,
        raw_names=tuple(read.roles.used),
        outputs=y.shape[1],
        output_names=output_names(dataset),
        targets=tuple(zip(values.mean(axis=0).tolist(), values.std(axis=0).tolist(), strict=True)),
        scale="columns",
        # Windows are copied from the prepared steps, which stay in memory.
        working_bytes=0 if read.grid.store is None else WORKING + PER_ROW * len(read.grid),
        raw_bytes=len(read.table) * (_CELL * len(read.roles.used) + _FLOAT * features) + y.nbytes,
        notes=tuple(_notes(dataset, read, windows)),
    )


def _notes(dataset: Series, read: ReadSeries, windows: WindowParts) -> list[str]:
    found = []
    told = f" in {counted(read.series, 'series', 'series')}" if dataset.id else ""
    order = f"by {dataset.time}" if dataset.time else "in the order of the file"
    found.append(f"{counted(len(windows.starts), 'window')} of {counted(len(read.table), 'step')}{told}, {order}.")
    if dataset.split == "time":
        found.append("The first windows of validation and test data begin with steps of the part before.")
    if windows.crossing:
        found.append(
            f"{counted(windows.crossing, 'window')} whose next steps are in two parts {_is(windows.crossing)} left out."
        )
    if windows.unknown:
        found.append(f"{counted(windows.unknown, 'window')} without a target {_is(windows.unknown)} left out.")
    if windows.gaps:
        crossed = "no window crosses them" if dataset.gaps == "split" else "windows cross them"
        found.append(f"The time has {counted(windows.gaps, 'gap')}; {crossed}.")
    if windows.repeats:
        found.append(
            f"{counted(windows.repeats, 'step')} {'has' if windows.repeats == 1 else 'have'} the time of the "
            "step before."
        )
    remark = read.roles.remark
    return [*found, remark] if remark else found


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
