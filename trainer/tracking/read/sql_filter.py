"""Translate a parsed filter to SQL conditions on runs."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Select, Table, and_, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from trainer.tracking.filter import Clause, Filters
from trainer.tracking.read.tables import datasets, input_tags, inputs, latest_metrics, params, runs, tags

__all__ = ["conditions"]

_ATTRIBUTES = {
    "run_id": runs.c.run_uuid,
    "run_name": runs.c.name,
    "status": runs.c.status,
    "artifact_uri": runs.c.artifact_uri,
    "user_id": runs.c.user_id,
    "start_time": runs.c.start_time,
    "end_time": runs.c.end_time,
}
_CONTEXT = "mlflow.data.context"


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Yield a condition on `runs` for each clause.

    As in MLflow, a run without a param or tag matches no comparison with it, not even `!=`. Unlike there, a metric
    that is NaN matches no comparison but `!=`: MLflow's tables hold 0 in its place.
    """
    for clause in filters:
        if clause.kind == "attribute":
            yield _compared(_ATTRIBUTES[clause.key], clause)
        elif clause.operator == "IS NULL":
            yield runs.c.run_uuid.not_in(_having(_texts(clause), clause))
        else:
            yield runs.c.run_uuid.in_(_matching(clause))


def _matching(clause: Clause) -> Select[Any]:
    if clause.kind == "metric":
        number = _compared(latest_metrics.c.value, clause)
        is_nan = latest_metrics.c.is_nan
        exact = or_(is_nan, number) if clause.operator == "!=" else and_(~is_nan, number)
        return _having(latest_metrics, clause).where(exact)
    if clause.kind == "dataset":
        return _with_dataset(clause)
    found = _having(_texts(clause), clause)
    return found if clause.operator == "IS NOT NULL" else found.where(_compared(_texts(clause).c.value, clause))


def _texts(clause: Clause) -> Table:
    return params if clause.kind == "param" else tags


def _having(table: Table, clause: Clause) -> Select[Any]:
    return select(table.c.run_uuid).where(table.c.key == clause.key)


def _with_dataset(clause: Clause) -> Select[Any]:
    used = select(inputs.c.destination_id).where(inputs.c.source_type == "DATASET", inputs.c.destination_type == "RUN")
    if clause.key == "context":
        tagged = used.join(input_tags, input_tags.c.input_uuid == inputs.c.input_uuid)
        return tagged.where(input_tags.c.name == _CONTEXT, _compared(input_tags.c.value, clause))
    return used.join(datasets, datasets.c.dataset_uuid == inputs.c.source_id).where(
        _compared(datasets.c[clause.key], clause)
    )


def _compared(column: ColumnElement[Any], clause: Clause) -> ColumnElement[bool]:
    value = clause.value
    compared: dict[str, ColumnElement[bool]] = {
        "=": column == value,
        "!=": column != value,
    }
    if clause.operator in compared:
        return compared[clause.operator]
    if clause.operator in {"IN", "NOT IN"}:
        listed = value if isinstance(value, tuple) else ()
        return column.in_(listed) if clause.operator == "IN" else column.not_in(listed)
    if clause.operator in {"LIKE", "ILIKE"}:
        pattern = str(value)
        return _like(column, pattern) if clause.operator == "LIKE" else column.ilike(pattern)
    ordered: ColumnElement[bool] = column.op(clause.operator, is_comparison=True)(value)
    return ordered


def _like(column: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    as_glob = "".join(
        {"%": "*", "_": "?"}.get(letter, f"[{letter}]" if letter in "*?[" else letter) for letter in pattern
    )
    return _CaseLike(column, literal(pattern), literal(as_glob))


class _CaseLike(FunctionElement[bool]):
    """LIKE that distinguishes upper and lower case: of a text, a pattern, and the same pattern for GLOB."""

    type = Boolean()
    inherit_cache = True


@compiles(_CaseLike)
def _by_like(element: _CaseLike, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern, _ = element.clauses
    return compiler.process(text.like(pattern), **options)


@compiles(_CaseLike, "sqlite")
def _by_glob(element: _CaseLike, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite's LIKE ignores the case of ASCII, unless a whole connection is told otherwise."""
    text, _, pattern = (each for each in element.clauses)
    return compiler.process(text.op("GLOB", is_comparison=True)(pattern), **options)
