"""Values of metrics that are read from histories, of all runs of a database.

Those of many runs of an SQLite file are read by columns, see `sql_value_columns`.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select

from trainer.config import Directions
from trainer.tracking.read.rest_query import valued_first
from trainer.tracking.read.sql_histories import every_history, read_histories
from trainer.tracking.read.sql_many import are_many
from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.stored import stored_integer
from trainer.tracking.read.tables import runs
from trainer.tracking.reader import RunQuery
from trainer.tracking.run import Status
from trainer.tracking.values import MetricValue

# Later, where it is needed, since most programs that read runs sort none by such values and need no NumPy.
if TYPE_CHECKING:
    from trainer.tracking.read.sql_columns import Columns
    from trainer.tracking.read.sql_value_columns import KnownColumns, Values

__all__ = ["KnownValues", "Listed", "listed_runs", "sorted_by_value"]

_MOST_VALUES = 12

_Known = dict[str, tuple[int | None, float | None]]


class Listed(NamedTuple):
    """A run of a query; `ended` is when it ended, None while it is live."""

    run_id: str
    ended: int | None


def listed_runs(connection: Connection, query: RunQuery) -> list[Listed]:
    """Return all runs of a query, the newest first."""
    wanted: Select[Any] = matching_runs(query).add_columns(runs.c.status, runs.c.end_time)
    rows = connection.execute(wanted.order_by(runs.c.start_time.desc(), runs.c.run_uuid))
    ended = {str(status) for status in Status if status.ended}
    return [Listed(run_id, (stored_integer(end) or 0) if status in ended else None) for run_id, status, end in rows]


def sorted_by_value(values: dict[str, float], listed: Sequence[Listed], *, descending: bool) -> list[str]:
    """Return the ids in the order of the values: NaN after the numbers, then runs without a value."""

    def place(run: Listed) -> tuple[int, float]:
        value = values.get(run.run_id)
        return (2, 0.0) if value is None else (1, 0.0) if math.isnan(value) else (0, value)

    return [run.run_id for run in valued_first(listed, place, descending=descending)]


class KnownValues:
    """Values that were read, kept for ended runs: a history is read again only if its run was resumed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, bool | None], _Known] = OrderedDict()
        self._columns: KnownColumns | None = None

    def of_columns(
        self, connection: Connection, value: MetricValue, directions: Directions, columns: "Columns"
    ) -> "Values":
        """Return the values of the runs in columns, which have the attribute `end`."""
        from trainer.tracking.read.sql_value_columns import KnownColumns

        with self._lock:
            known = self._columns = self._columns or KnownColumns()
        return known.of(connection, value, directions, columns)

    def of(
        self, connection: Connection, value: MetricValue, directions: Directions, listed: Sequence[Listed]
    ) -> dict[str, float]:
        """Return run id → value, for the runs that have one."""
        higher = directions.higher_is_better(value.chosen_by) if value.chosen_by else None
        known = self._of(str(value), higher)
        missing = [run for run in listed if run.ended is None or known.get(run.run_id, (None,))[0] != run.ended]
        found = _read(connection, value, directions, [run.run_id for run in missing]) if missing else {}
        fresh = {run.run_id: (run.ended, found.get(run.run_id)) for run in missing}
        with self._lock:
            known.update((run_id, each) for run_id, each in fresh.items() if each[0] is not None)
        values = ((run.run_id, (fresh.get(run.run_id) or known[run.run_id])[1]) for run in listed)
        return {run_id: each for run_id, each in values if each is not None}

    def _of(self, value: str, higher: bool | None) -> _Known:
        with self._lock:
            known = self._known.setdefault((value, higher), {})
            self._known.move_to_end((value, higher))
            if len(self._known) > _MOST_VALUES:
                self._known.popitem(last=False)
            return known


def _read(
    connection: Connection, value: MetricValue, directions: Directions, run_ids: Sequence[str]
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    apart: Sequence[str] = run_ids
    if are_many(len(run_ids)):
        found, apart = _read_all(connection, value, directions)
    histories = read_histories(connection, apart, value.histories) if apart else {}
    return found | {run_id: value.of_history(history, directions) for run_id, history in histories.items()}


def _read_all(
    connection: Connection, value: MetricValue, directions: Directions
) -> tuple[dict[str, float | None], list[str]]:
    """Return the values of all runs, and the runs that log a step twice, which have to be looked up."""
    found: dict[str, float | None] = {}
    apart: list[str] = []
    for run_id, history, is_repeated in every_history(connection, value.histories):
        if is_repeated:
            apart.append(run_id)
        else:
            found[run_id] = value.of_history(history, directions)
    return found, apart
