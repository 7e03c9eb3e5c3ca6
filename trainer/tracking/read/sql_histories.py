"""Read the histories of metrics from a database."""

import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, func, select

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.read.stored import series_of_columns, stored_text
from trainer.tracking.read.tables import metrics, tags
from trainer.tracking.reader import Histories
from trainer.tracking.run import Series
from trainer.tracking.tags import Tag

__all__ = ["chunks", "every_history", "plain_texts", "read_histories", "rows_of"]

_AT_ONCE = 500
_BY_RUN = "index_metrics_run_uuid_key_step"
_POINTS = ("run_uuid", "key", "step", "value", "timestamp", "is_nan")

_NOTHING = Series(steps=(), values=(), times=())

_Histories = dict[str, dict[str, Series]]


def chunks(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in portions that fit one statement."""
    return (run_ids[start : start + _AT_ONCE] for start in range(0, len(run_ids), _AT_ONCE))


def rows_of(connection: Connection, wanted: Select[Any], table: Table, run_ids: Sequence[str]) -> Iterator[Any]:
    """Yield the rows of a select that belong to these runs."""
    for chunk in chunks(run_ids):
        yield from connection.execute(wanted.where(table.c.run_uuid.in_(chunk)))


def read_histories(
    connection: Connection,
    run_ids: Sequence[str],
    keys: Sequence[str] | None,
    known: Histories | None = None,
) -> _Histories:
    """Return run id → metric → history, of the given metrics or of all except `system/…`.

    Args:
        connection: to the database.
        run_ids: the runs.
        keys: the metrics.
        known: histories as read earlier; of these, only the points that were logged since are read.
    """
    made_here = select(tags.c.run_uuid).where(tags.c.key == str(Tag.CONFIG_DIGEST))
    own = {row.run_uuid for row in rows_of(connection, made_here, tags, run_ids)}
    with plain_texts(connection):
        if known:
            return _newer(connection, run_ids, keys, known, own)
        return _whole(connection, run_ids, keys, own)


def _whole(
    connection: Connection, run_ids: Sequence[str], keys: Sequence[str] | None, own: Container[str]
) -> _Histories:
    return _histories(_rows(connection, _chosen(_points(), keys), run_ids), own)


def _newer(
    connection: Connection,
    run_ids: Sequence[str],
    keys: Sequence[str] | None,
    known: Histories,
    own: Container[str],
) -> _Histories:
    """Read what was logged since.

    The number of points in the database tells whether that is all: another program may log earlier steps later.
    """
    found: _Histories = {}
    unknown: dict[str, list[str]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for run_id, key, points in _numbers(connection, run_ids, keys):
        numbers.setdefault(run_id, {})[key] = points
    for run_id, points_of in numbers.items():
        have = {key: known.get(run_id, {}).get(key, _NOTHING) for key in points_of}
        joined = _joined(have, _since(connection, run_id, have, points_of, own))
        found[run_id] = {key: series for key, series in joined.items() if len(series.steps) == points_of[key]}
        for key in have.keys() - found[run_id].keys():
            unknown.setdefault(key, []).append(run_id)
    for key, some in unknown.items():
        for run_id, series in _whole(connection, some, [key], own).items():
            found[run_id] |= series
    return {run_id: dict(sorted(series.items())) for run_id, series in found.items()}


def _since(
    connection: Connection, run_id: str, have: Mapping[str, Series], points: Mapping[str, int], own: Container[str]
) -> Iterator[tuple[str, Series]]:
    """Yield metric → history after the last known step, of those metrics of a run that have more points."""
    behind: dict[int, list[str]] = {}
    for key, series in have.items():
        if 0 < len(series.steps) < points[key]:
            behind.setdefault(series.steps[-1], []).append(key)
    # Metrics of one kind are logged at the same steps, so that this is hardly ever more than one query.
    for last, keys in behind.items():
        later = _chosen(_points(), keys).where(metrics.c.step > last)
        yield from _histories(_rows(connection, later, [run_id]), own).get(run_id, {}).items()


def _joined(have: Mapping[str, Series], new: Iterable[tuple[str, Series]]) -> dict[str, Series]:
    joined = dict(have)
    for key, after in new:
        before = joined[key]
        joined[key] = Series(
            steps=(*before.steps, *after.steps),
            values=(*before.values, *after.values),
            times=(*before.times, *after.times),
        )
    return joined


def _numbers(
    connection: Connection, run_ids: Sequence[str], keys: Sequence[str] | None
) -> Iterator[tuple[str, str, int]]:
    """Yield run id, metric and number of points, by the index alone."""
    wanted = select(metrics.c.run_uuid, metrics.c.key, func.count()).group_by(metrics.c.run_uuid, metrics.c.key)
    for run_id, key, points in _rows(connection, _chosen(wanted, keys), run_ids):
        yield stored_text(run_id), stored_text(key), points


def _chosen(wanted: Select[Any], keys: Sequence[str] | None) -> Select[Any]:
    """Restrict a select to these metrics, or to all except `system/…`."""
    return wanted.where(metrics.c.key.not_like(SYSTEM + "%") if keys is None else metrics.c.key.in_(keys))


def _rows(connection: Connection, wanted: Select[Any], run_ids: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of these runs as the driver returns them: a million rows take half the time."""
    wanted = _by_run(connection, wanted)
    for chunk in chunks(run_ids):
        with connection.execute(wanted.where(metrics.c.run_uuid.in_(chunk))) as result:
            yield from cast(Iterable[tuple[Any, ...]], result.cursor)


def _by_run(connection: Connection, wanted: Select[Any]) -> Select[Any]:
    """Let SQLite look for points by run; left to itself, it reads a metric of all runs by an index of all columns."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return wanted
    # SQLite refuses a statement that names an index somebody dropped.
    there = driver.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", [_BY_RUN]).fetchone()
    return wanted.with_hint(metrics, f"INDEXED BY {_BY_RUN}", "sqlite") if there else wanted


@contextmanager
def plain_texts(connection: Connection) -> Iterator[None]:
    """Let SQLite return texts as bytes, which `_histories` decodes once a series instead of once a point."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    before, driver.text_factory = driver.text_factory, bytes
    try:
        yield
    finally:
        driver.text_factory = before


def every_history(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, Series], bool]]:
    """Yield the histories of these metrics of all runs: run id, metric → history, and whether a step is repeated.

    Of repeated steps all points are included, unlike in `read_histories`.
    """
    rows = connection.execution_options(yield_per=10_000).execute(_points().where(metrics.c.key.in_(keys)))
    for run_id, points in groupby(rows, key=itemgetter(0)):
        history = _histories(points, ())[run_id]
        is_repeated = any(len(set(series.steps)) < len(series.steps) for series in history.values())
        yield run_id, history, is_repeated


def _points() -> Select[Any]:
    # Not by time as well, since the index is by step: `series_of_columns` sorts the few that repeat a step.
    order = (metrics.c.run_uuid, metrics.c.key, metrics.c.step)
    found: Select[Any] = select(*(metrics.c[name] for name in _POINTS)).order_by(*order)
    return found


def _histories(rows: Iterable[Any], own: Container[str]) -> _Histories:
    """Convert sorted rows of (run, key, step, value, time, is NaN) to series."""
    histories: _Histories = {}
    for (run_text, key), points in groupby(rows, key=itemgetter(0, 1)):
        run_id = stored_text(run_text)
        _, _, *columns = zip(*points, strict=True)
        steps, values, times, are_nan = columns
        series = series_of_columns(steps, values, times, are_nan, once_a_step=run_id in own)
        histories.setdefault(run_id, {})[stored_text(key)] = series
    return histories
