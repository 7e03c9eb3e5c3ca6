"""The order of runs in SQL."""

from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, exists, literal
from sqlalchemy.sql.elements import ColumnElement

from trainer.tracking.read.sql_kept import joined_value
from trainer.tracking.read.sql_numbers import IsInteger, number_of
from trainer.tracking.read.sql_words import Folded
from trainer.tracking.read.tables import params, runs, tags
from trainer.tracking.reader import Sort
from trainer.tracking.run import Status
from trainer.tracking.tags import Tag

__all__ = ["in_order"]

_Order = list[ColumnElement[Any]]


def in_order(found: Select[Any], sort: Sort) -> tuple[Select[Any], _Order]:
    """Return a select of runs with the joins that an order requires, and the expressions to order it by.

    What has no value, or NaN, comes last in either direction; the newest of equal runs comes first.
    """
    joined, value, missing = _sort_value(found, sort)
    ordered = value.desc() if sort.descending else value.asc()
    return joined, [*missing, ordered, runs.c.start_time.desc(), runs.c.run_uuid]


_Sorted = tuple[Select[Any], ColumnElement[Any], list[ColumnElement[Any]]]


def _sort_value(found: Select[Any], sort: Sort) -> _Sorted:
    """Return the select with the required joins, the value to sort by, and what sorts missing values last."""
    if sort.value is not None:
        joined, number, is_nan = joined_value(found, sort.value, "sorted")
        return joined, number, [case((is_nan, 1), (number.is_(None), 2), else_=0)]
    if sort.kind in {"param", "tag"}:
        table = (params if sort.kind == "param" else tags).alias("sorted")
        joined = found.outerjoin(table, (table.c.run_uuid == runs.c.run_uuid) & (table.c.key == sort.name))
        written = number_of(table.c.value)
        by_number = written.desc() if sort.descending else written.asc()
        kinds = case((table.c.value.is_(None), 2), (written.is_(None), 1), else_=0)
        return joined, table.c.value, [kinds, by_number]
    if sort.name == "duration":
        return _by_duration(found)
    columns: dict[str, ColumnElement[Any]] = {"name": Folded(runs.c.name), "status": runs.c.status}
    value = columns.get(sort.name, runs.c.start_time)
    return found, value, [case((value.is_(None), 1), else_=0)]


def _by_duration(found: Select[Any]) -> _Sorted:
    """Sort by end − start, like `Run.seconds`; the start of queued runs is in their tag."""
    started, made = tags.alias("started"), tags.alias("made")
    joined = found.outerjoin(started, (started.c.run_uuid == runs.c.run_uuid) & (started.c.key == str(Tag.STARTED)))
    is_own = exists().where(made.c.run_uuid == runs.c.run_uuid, made.c.key == str(Tag.CONFIG_DIGEST))
    # A subquery in the second place is not asked for the runs that the first one fits.
    start = case(
        (IsInteger(started.c.value), cast(started.c.value, BigInteger)),
        (~is_own, runs.c.start_time),
    )
    ended = runs.c.status.in_([str(status) for status in Status if status.ended])
    duration = case((ended, runs.c.end_time - start))
    positive = case((duration < 0, literal(0)), else_=duration)
    return joined, positive, [case((positive.is_(None), 1), else_=0)]
