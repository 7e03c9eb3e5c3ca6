"""Decide when to ask the store for new runs."""

import time
from collections.abc import Callable
from pathlib import Path

from trainer.home import Home
from trainer.tracking.write.database import sqlite_file

__all__ = ["LOOK_SECONDS", "QueueChanges"]

LOOK_SECONDS = 0.5
"""The store is asked for new runs this often where nothing woke the worker; a look costs 4 ms."""


class QueueChanges:
    """Notices that the worker was woken, that the store's file has changed, or that the interval has passed."""

    def __init__(self, home: Home, tracking_uri: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._files = _files_to_watch(home, tracking_uri)
        self._clock = clock
        self._seen: tuple[int, ...] = ()
        self._looked: float | None = None

    def expect(self) -> None:
        """Make the next check due at once, after a change that no watched file shows."""
        self._looked = None

    def is_due(self) -> bool:
        """Return whether to check now, which starts a new interval."""
        seen = tuple(_changed_at(file) for file in self._files)
        woken, self._seen = seen != self._seen, seen
        now = self._clock()
        if woken or self._looked is None or now - self._looked > LOOK_SECONDS:
            self._looked = now
            return True
        return False


def _files_to_watch(home: Home, tracking_uri: str) -> tuple[Path, ...]:
    """Files of this machine that change with the queue: looking at them costs microseconds, asking the store 4 ms."""
    database = sqlite_file(tracking_uri)
    # In SQLite's WAL mode a write changes the -wal file only, until it is copied into the database.
    of_store = (database, database.with_name(f"{database.name}-wal")) if database else ()
    return (home.path / "queue.changed", *of_store)


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
