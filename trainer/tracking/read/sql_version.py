"""Whether a database has changed, told exactly and in a fraction of a millisecond."""

import sqlite3
import threading
from collections.abc import Hashable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

__all__ = ["FileVersion", "ServerVersion", "Version"]


class Version(Protocol):
    """The state of a database: equal answers mean that nothing was committed in between; None that this is unknown."""

    def __call__(self, connection: Connection) -> Hashable | None:
        """Return the state before the connection's next query."""
        ...


class FileVersion:
    """The version of an SQLite file, by SQLite's own counter of commits.

    The counter is one of a connection, which therefore stays open; it holds no lock between two calls.

    Args:
        address: the file as an SQLite URI that opens it for reading only.
    """

    def __init__(self, file: Path, address: str) -> None:
        self._file = file
        self._address = address
        self._lock = threading.Lock()
        self._opened = 0
        self._known: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None

    def __call__(self, connection: Connection) -> Hashable | None:
        """Return the file's identity, its time and the counter; None while the file cannot be read."""
        try:
            with self._lock:
                there = self._file.stat()
                self._open((there.st_dev, there.st_ino))
                if self._connection is None:
                    return None
                (commits,) = self._connection.execute("PRAGMA data_version").fetchone()
                # The time and size, since a file that is copied over this one may have the same counter.
                return self._opened, there.st_mtime_ns, there.st_size, commits
        except (OSError, sqlite3.Error):
            return None

    def _open(self, identity: tuple[int, int]) -> None:
        if identity == self._known and self._connection is not None:
            return
        if self._connection is not None:
            self._connection.close()
        self._connection = sqlite3.connect(self._address, uri=True, isolation_level=None, check_same_thread=False)
        self._known = identity
        self._opened += 1


class ServerVersion:
    """The version of a PostgreSQL server: which transactions a query sees. Other servers have none."""

    def __call__(self, connection: Connection) -> Hashable | None:
        """Return the snapshot of the transactions that have committed."""
        if connection.dialect.name != "postgresql":
            return None
        # Every transaction that writes takes a number, so an equal snapshot sees the same rows.
        return str(connection.scalar(text("SELECT CAST(txid_current_snapshot() AS text)")))
