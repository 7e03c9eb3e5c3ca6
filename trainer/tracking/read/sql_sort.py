"""The order of runs in SQL."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Select, case, cast, exists, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from trainer.tracking.read.sql_kept import joined_value
from trainer.tracking.read.sql_words import Folded
from trainer.tracking.read.tables import params, runs, tags
from trainer.tracking.reader import Sort
from trainer.tracking.run import Status
from trainer.tracking.tags import Tag

__all__ = ["in_order", "number_of"]

_INTEGER = "^[0-9]{1,18}$"
_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"

_Order = list[ColumnElement[Any]]


def in_order(found: Select[Any], sort: Sort) -> tuple[Select[Any], _Order]:
    """Return a select of runs with the joins that an order requires, and the expressions to order it by.

    What has no value, or NaN, comes last in either direction; the newest of equal runs comes first.
    """
    joined, value, missing = _sort_value(found, sort)
    ordered = value.desc() if sort.descending else value.asc()
    return joined, [*missing, ordered, runs.c.start_time.desc(), runs.c.run_uuid]


def number_of(text: ColumnElement[str]) -> ColumnElement[float]:
    """Return the number that a text holds, NULL for other texts."""
    # CASE, because PostgreSQL would refuse to cast text that is not a number.
    return case((_IsNumber(text), cast(text, Float(53))))


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
        (_IsInteger(started.c.value), cast(started.c.value, BigInteger)),
        (~is_own, runs.c.start_time),
    )
    ended = runs.c.status.in_([str(status) for status in Status if status.ended])
    duration = case((ended, runs.c.end_time - start))
    positive = case((duration < 0, literal(0)), else_=duration)
    return joined, positive, [case((positive.is_(None), 1), else_=0)]


class _IsInteger(FunctionElement[bool]):
    """Whether a text is an integer that fits 64 bits."""

    type = Boolean()
    inherit_cache = True


class _IsNumber(FunctionElement[bool]):
    """Whether a text is a number."""

    type = Boolean()
    inherit_cache = True


def _matches(element: FunctionElement[bool], pattern: str, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    (text,) = element.clauses
    return compiler.process(text.regexp_match(pattern), **options)


@compiles(_IsInteger)
def _integer(element: _IsInteger, compiler: SQLCompiler, **options: Any) -> str:
    return _matches(element, _INTEGER, compiler, options)


@compiles(_IsNumber)
def _number(element: _IsNumber, compiler: SQLCompiler, **options: Any) -> str:
    return _matches(element, _NUMBER, compiler, options)


@compiles(_IsInteger, "sqlite")
def _integer_there(element: _IsInteger, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"({text} NOT GLOB '*[^0-9]*' AND length({text}) BETWEEN 1 AND 18)"


@compiles(_IsNumber, "sqlite")
def _number_there(element: _IsNumber, compiler: SQLCompiler, **options: Any) -> str:
    """Decide the usual forms by GLOB: regular expressions, which SQLite leaves to Python, take ten times as long."""
    text = compiler.process(element.clauses, **options)
    return (
        f"CASE WHEN {text} GLOB '[0-9]*' AND {text} NOT GLOB '*[^0-9.]*' THEN {text} NOT GLOB '*.*.*' "
        f"WHEN {text} GLOB '*[^-+0-9.eE]*' THEN 0 ELSE {_matches(element, _NUMBER, compiler, options)} END"
    )
