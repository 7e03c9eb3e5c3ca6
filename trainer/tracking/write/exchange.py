"""Change a run's status only if it is still what was read, so that of several workers exactly one succeeds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.tracking.errors import database_errors
from trainer.tracking.read.tables import runs, tags
from trainer.tracking.run import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from trainer.tracking.write.store import Store

__all__ = ["exchange_status"]

# As long as MLflow waits for another writer of an SQLite file.
_PATIENCE_SECONDS = 20
_ACTIVE = "active"
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class _Exchange:
    """What a run must have, and what it gets; see `exchange_status`."""

    expected: Status
    status: Status
    changes: Mapping[str, str | None]
    only_if: Mapping[str, str]


def exchange_status(
    store: "Store",
    run_id: str,
    expected: Status,
    status: Status,
    *,
    changes: Mapping[str, str | None],
    only_if: Mapping[str, str] = _NOTHING,
) -> bool:
    """Change a run's status and tags in one transaction, and return whether it was done.

    MLflow has no request that compares before it writes, so the rows of a database are changed directly: PostgreSQL and
    SQLite let the second of two such transactions see what the first one wrote. An MLflow server can only be asked
    first, so that two workers may both succeed there.

    Args:
        store: the store.
        run_id: the run.
        expected: the status that it must have.
        status: the status that it gets; a final one also sets the end time.
        changes: tag → its new value, or None to remove it.
        only_if: tags and the values that they must have.

    Raises:
        StoreError: the store refuses the change or does not respond.
    """
    exchange = _Exchange(expected=expected, status=status, changes=changes, only_if=only_if)
    if store.is_server:
        return _asked_first(store, run_id, exchange)
    from sqlalchemy import NullPool, create_engine

    options = {"timeout": _PATIENCE_SECONDS} if store.tracking_uri.startswith("sqlite") else {}
    with database_errors(store.tracking_uri):
        engine = create_engine(store.tracking_uri, poolclass=NullPool, connect_args=options)
        with engine.begin() as connection:
            return _exchanged(connection, run_id, exchange)


def _exchanged(connection: "Connection", run_id: str, exchange: _Exchange) -> bool:
    status, is_expected = exchange.status, runs.c.status == str(exchange.expected)
    here = (runs.c.run_uuid == run_id) & is_expected & (runs.c.lifecycle_stage == _ACTIVE)
    for named, value in exchange.only_if.items():
        has_it = (tags.c.run_uuid == run_id) & (tags.c.key == str(named)) & (tags.c.value == value)
        here &= tags.select().where(has_it).exists()
    ended = {"end_time": round(time.time() * 1000)} if status.ended else {}
    # The first statement writes, so that a second transaction waits here, and then finds the status changed.
    if connection.execute(runs.update().where(here).values(status=str(status), **ended)).rowcount != 1:
        return False
    of_run = tags.c.run_uuid == run_id
    connection.execute(tags.delete().where(of_run & tags.c.key.in_([str(key) for key in exchange.changes])))
    kept = {str(key): value for key, value in exchange.changes.items() if value is not None}
    if kept:
        rows = [{"key": key, "value": value, "run_uuid": run_id} for key, value in kept.items()]
        connection.execute(tags.insert(), rows)
    return True


def _asked_first(store: "Store", run_id: str, exchange: _Exchange) -> bool:
    run = store.get(run_id)
    has_all = all(run.tags.get(tag) == value for tag, value in exchange.only_if.items())
    if run.status is not exchange.expected or run.deleted or not has_all:
        return False
    for key, value in exchange.changes.items():
        if value is None:
            store.delete_tag(run_id, key)
    store.set_tags(run_id, {key: value for key, value in exchange.changes.items() if value is not None})
    store.set_status(run_id, exchange.status)
    return True
