"""Time series: the order of their steps, gaps, repeated times, and series that teach a network nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config.check import Edit
from trainer.config.series import Series
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, quoted, warn
from trainer.data.sources.series_windows import GAP
from trainer.format import counted

__all__ = ["series_findings"]

_MOST_NAMED = 3
_DAY = 86_400


def series_findings(view: View) -> Iterator[Finding]:
    """Yield what is wrong with the steps of a dataset `series`; nothing for other datasets."""
    # A sample of the steps has gaps everywhere.
    if not view.is_series or not view.rows or view.whole:
        return
    steps = _Steps(view)
    if steps.time is None:
        yield from _unordered(view)
    else:
        yield from _repeated(view, steps)
        yield from _gaps(view, steps)
    yield from _short(view, steps)
    yield from _constant(view, steps)


@dataclass(frozen=True)
class _Steps:
    """The steps of a series in order, those of a series one after the other."""

    view: View

    def _column(self, field: str) -> Column | None:
        return self.view.columns.get(str(self.view.dataset.get(field) or ""))

    @cached_property
    def time(self) -> Column | None:
        """The column with the times, if it has dates or numbers and no gaps."""
        column = self._column("time")
        usable = column is not None and (column.is_numeric or column.type is ColumnType.DATE)
        return column if usable and column is not None and not column.missing.any() else None

    @cached_property
    def series(self) -> NDArray[np.intp]:
        """The number of each row's series, (rows,)."""
        column = self._column("id")
        if column is None:
            return np.zeros(self.view.rows, np.intp)
        return np.unique(column.values, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The rows in the order of the steps, (rows,)."""
        if self.time is None:
            return np.argsort(self.series, kind="stable")
        return np.lexsort((self.time.values, self.series))

    @cached_property
    def is_new(self) -> NDArray[np.bool_]:
        """Where a series begins in this order, (rows,)."""
        of = self.series[self.order]
        return np.concatenate([[True], of[1:] != of[:-1]])

    def between(self, time: Column) -> NDArray[Any]:
        """Return the time since the step before, 0 where a series begins, (rows,)."""
        values = time.values[self.order]
        return np.where(self.is_new, 0, np.concatenate([values[:1] * 0, np.diff(values)]))

    def name(self, series: int) -> str:
        """Return the name of a series."""
        column = self._column("id")
        if column is None:
            return "the series"
        value = np.unique(column.values)[series]
        return quoted(column.labels[int(value)] if column.is_labelled and value >= 0 else f"{value:g}")

    def names(self, found: NDArray[np.intp]) -> str:
        """Return the names of several series."""
        shown = ", ".join(self.name(int(each)) for each in found[:_MOST_NAMED])
        return shown + (f" and {len(found) - _MOST_NAMED:,} more" if len(found) > _MOST_NAMED else "")


def _unordered(view: View) -> Iterator[Finding]:
    """Yield the first column with times, if none orders the steps."""
    given = view.dataset.get("time")
    dates = [column for column in view.columns.values() if column.type is ColumnType.DATE]
    name = next((each.name for each in dates if not each.missing.any() and each.name not in view.targets), None)
    if given or name is None:
        return
    values = view.columns[name].values
    sorted_too = "" if (np.diff(values) >= 0).all() else ", and in another order than the file"
    message = (
        f"The steps are used in the order of the file, but column {quoted(name)} has times{sorted_too}. Without them, "
        "gaps are not seen, and the parts of several series are not at the same time."
    )
    yield warn(FindingKind.TIME, name, message, f"Order the steps by column {quoted(name)}.", [_set("time", name)])


def _repeated(view: View, steps: _Steps) -> Iterator[Finding]:
    """Yield how many steps have the time of another, and the column that tells their series apart."""
    time = steps.time
    if time is None:
        return
    repeats = (steps.between(time) == 0) & ~steps.is_new
    if not repeats.any():
        return
    first = int(steps.order[np.flatnonzero(repeats)].min()) + 1
    many = counted(int(repeats.sum()), "step")
    message = f"{many} of the same series have a time that an earlier one has, first in row {first:,}."
    other = None if view.dataset.get("id") else _id_column(view, time)
    if other is None:
        yield warn(FindingKind.SERIES, time.name, message, "Merge or remove the rows with the same time.")
        return
    message = f"{message} Column {quoted(other)} tells them apart: the table has several series."
    fix = f"Take column {quoted(other)} as the name of the series."
    yield warn(FindingKind.SERIES, time.name, message, fix, [_set("id", other)])


def _id_column(view: View, time: Column) -> str | None:
    """Return the first column whose values and the times together are different in every row."""
    for name, column in view.columns.items():
        is_key = column.is_labelled or column.type is ColumnType.INTEGER
        if name in (*view.targets, time.name) or not is_key or column.missing.any():
            continue
        # A number of its own for each row would tell everything apart.
        if not 1 < view.summaries[name].distinct <= view.rows / 2:
            continue
        order = np.lexsort((time.values, column.values))
        same = (np.diff(column.values[order]) == 0) & (np.diff(time.values[order]) == 0)
        if not same.any():
            return name
    return None


def _gaps(view: View, steps: _Steps) -> Iterator[Finding]:
    """Yield how many gaps the time has, and where the longest is."""
    time = steps.time
    if time is None or view.dataset.get("gaps") == "split":
        return
    between = steps.between(time)
    forward = between[between > 0]
    if not len(forward):
        return
    usual = float(np.median(forward))
    gaps = np.flatnonzero(between > GAP * usual)
    if not len(gaps):
        return
    longest = int(gaps[between[gaps].argmax()])
    before = int(steps.order[longest - 1])
    after = view.summaries[time.name].shown(float(time.values[before]))
    of = f" of {steps.name(int(steps.series[before]))}" if view.dataset.get("id") else ""
    message = (
        f"Column {quoted(time.name)} has {counted(len(gaps), 'gap')}: the next step is usually {_told(time, usual)} "
        f"later, but {_told(time, float(between[longest]))} after {after}{of}. Windows cross gaps as if no time had "
        "passed."
    )
    fix = "Let no window cross a gap."
    yield warn(FindingKind.SERIES, time.name, message, fix, [_set("gaps", "split")])


def _told(time: Column, length: float) -> str:
    if time.type is not ColumnType.DATE:
        return f"{length:g}"
    for unit, seconds in (("day", _DAY), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if length % seconds == 0:
            return counted(int(length // seconds), unit)
    return f"{length:g} seconds"


def _short(view: View, steps: _Steps) -> Iterator[Finding]:
    """Yield the series that are shorter than a window."""
    past, horizon = (_number(view.dataset, name) for name in ("past", "horizon"))
    sizes = np.bincount(steps.series)
    short = np.flatnonzero(sizes < past + horizon)
    if not len(short) or not view.dataset.get("id"):
        return
    verb = "is" if len(short) == 1 else "are"
    message = (
        f"{counted(len(short), 'series', 'series')} of {len(sizes):,} {verb} shorter than a window of "
        f"{counted(past + horizon, 'step')} and {verb} not used: {steps.names(short)}."
    )
    room = int(sizes.min()) - horizon
    if room < 1:
        yield warn(FindingKind.SERIES, None, message, "Reduce past or horizon, or remove these rows.")
    else:
        yield warn(FindingKind.SERIES, None, message, f"Reduce past to {room:,}.", [_set("past", room)])


def _constant(view: View, steps: _Steps) -> Iterator[Finding]:
    """Yield the series of a target that never change, unless all of them are constant."""
    if not view.dataset.get("id"):
        return
    for name in view.targets:
        column = view.columns[name]
        if not column.is_numeric:
            continue
        known, of = column.values[~column.missing].astype(np.float64), steps.series[~column.missing]
        count = int(steps.series.max()) + 1
        low, high = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(low, of, known)
        np.maximum.at(high, of, known)
        constant = np.flatnonzero(low == high)
        if not 0 < len(constant) < count:
            continue
        message = (
            f"The target {quoted(name)} never changes in {counted(len(constant), 'series', 'series')} of {count:,}: "
            f"{steps.names(constant)}. Repeating the last value predicts them without an error."
        )
        yield warn(FindingKind.SERIES, name, message, "Remove the rows of these series from the file.")


def _number(dataset: Mapping[str, Any], name: str) -> int:
    given = dataset.get(name)
    return given if isinstance(given, int) and given > 0 else int(Series.model_fields[name].default)


def _set(field: str, value: Any) -> Edit:
    return Edit(action="set", path=("dataset", field), value=value)
