"""Read the histories of metrics from a database."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.read.stored import series_of, stored_integer, stored_text, stored_value
from trainer.tracking.read.tables import metrics, tags
from trainer.tracking.run import Series
from trainer.tracking.tags import Tag

__all__ = ["chunks", "every_history", "read_histories", "rows_of"]

_AT_ONCE = 500
_POINTS = ("run_uuid", "key", "step", "value", "timestamp", "is_nan")

_Histories = dict[str, dict[str, Series]]


def chunks(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in portions that fit one statement."""
    return (run_ids[start : start + _AT_ONCE] for start in range(0, len(run_ids), _AT_ONCE))


def rows_of(connection: Connection, wanted: Select[Any], table: Table, run_ids: Sequence[str]) -> Iterator[Any]:
    """Yield the rows of a select that belong to these runs."""
    for chunk in chunks(run_ids):
        yield from connection.execute(wanted.where(table.c.run_uuid.in_(chunk)))


def read_histories(connection: Connection, run_ids: Sequence[str], keys: Sequence[str] | None) -> _Histories:
    """Return run id → metric → history, of the given metrics or of all except `system/…`."""
    wanted = _points().order_by(metrics.c.run_uuid, metrics.c.key, metrics.c.step, metrics.c.timestamp)
    if keys is None:
        wanted = wanted.where(metrics.c.key.not_like(SYSTEM + "%"))
    else:
        # Left to itself, SQLite reads a metric of all runs, since the index by metrics holds all columns.
        hint = "INDEXED BY index_metrics_run_uuid_key_step"
        wanted = wanted.where(metrics.c.key.in_(keys)).with_hint(metrics, hint, "sqlite")
    made_here = select(tags.c.run_uuid).where(tags.c.key == str(Tag.CONFIG_DIGEST))
    own = {row.run_uuid for row in rows_of(connection, made_here, tags, run_ids)}
    return _histories(rows_of(connection, wanted, metrics, run_ids), own)


def every_history(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, Series], bool]]:
    """Yield the histories of these metrics of all runs: run id, metric → history, and whether a step is repeated.

    Of repeated steps all points are included, unlike in `read_histories`.
    """
    wanted = _points().where(metrics.c.key.in_(keys))
    ordered = wanted.order_by(metrics.c.run_uuid, metrics.c.key, metrics.c.step, metrics.c.timestamp)
    rows = connection.execution_options(yield_per=10_000).execute(ordered)
    for run_id, points in groupby(rows, key=itemgetter(0)):
        history = _histories(points, ())[run_id]
        is_repeated = any(len(set(series.steps)) < len(series.steps) for series in history.values())
        yield run_id, history, is_repeated


def _points() -> Select[Any]:
    found: Select[Any] = select(*(metrics.c[name] for name in _POINTS))
    return found


def _histories(rows: Iterable[Any], own: Container[str]) -> _Histories:
    """Convert sorted rows of (run, key, step, value, time, is NaN) to series."""
    histories: _Histories = {}
    for (run_id, key), points in groupby(rows, key=itemgetter(0, 1)):
        exact = (
            (step, stored_value(value, is_nan), stored_integer(time) or 0)
            for _, _, step, value, time, is_nan in points
            # SQLite columns accept values of any type.
            if isinstance(step, int)
        )
        histories.setdefault(run_id, {})[stored_text(key)] = series_of(exact, once_a_step=run_id in own)
    return histories
