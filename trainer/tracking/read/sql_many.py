"""From how many runs on a whole column of a database is read instead of one run after the other."""

from sqlalchemy import Connection, func, select

from trainer.tracking.read.tables import runs

__all__ = ["MANY", "are_many", "in_large_file"]

MANY = 2_000
"""From so many runs on, reading the metric of all runs in one pass is faster than looking each run up."""


def are_many(number: int) -> bool:
    """Return whether to read all runs in one pass is faster than to look up so many."""
    return number > MANY


def in_large_file(connection: Connection, few: int | None = None) -> bool:
    """Return whether the store is an SQLite file of more than `few` runs, by default `MANY`."""
    number = select(func.count()).select_from(runs)
    return connection.dialect.name == "sqlite" and (connection.scalar(number) or 0) >= (MANY if few is None else few)
