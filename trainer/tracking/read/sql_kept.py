"""The value of a metric that belongs to the weights that a run kept, in SQL."""

import json
import math
import re
from typing import Any

from sqlalchemy import Float, Select, and_, case, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from trainer.tracking.read.stored import LARGEST
from trainer.tracking.read.tables import latest_metrics, runs, tags
from trainer.tracking.tags import Kept, Tag
from trainer.tracking.values import MetricValue, Reading

__all__ = ["KEPT", "joined_value", "kept_number"]

KEPT = "fitboard_kept"
"""The name of `kept_number` in SQL; connections to SQLite must define it."""

_NUMBER = r"(-?[0-9.]+(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity)"


def joined_value(
    found: Select[Any], value: MetricValue, name: str
) -> tuple[Select[Any], ColumnElement[float], ColumnElement[Any]]:
    """Join the last value of a metric, or that of the kept weights, to a select of runs.

    Args:
        found: the select.
        value: what to read; its reading needs no history.
        name: the alias of the joined tables, which no other may have.

    Returns:
        The select, the value (NULL where there is none), and whether it is NaN.
    """
    last = latest_metrics.alias(name)
    found = found.outerjoin(last, and_(last.c.run_uuid == runs.c.run_uuid, last.c.key == value.metric))
    if value.reading is not Reading.KEPT:
        return found, last.c.value, last.c.is_nan
    tag = tags.alias(f"{name}_kept")
    found = found.outerjoin(tag, and_(tag.c.run_uuid == runs.c.run_uuid, tag.c.key == str(Tag.KEPT)))
    # What a JSON text calls the metric, and what PostgreSQL, which has no function of ours, searches for.
    pattern = f'"values":{{.*{re.escape(json.dumps(value.metric))}:{_NUMBER}'
    kept = _Kept(tag.c.value, literal(value.metric), literal(pattern))
    is_nan = case((kept > LARGEST, True), (kept.is_not(None), False), else_=last.c.is_nan)
    return found, func.coalesce(kept, last.c.value), is_nan


def kept_number(text: object, metric: object, _pattern: object) -> float | None:
    """Return the metric in a `Kept` tag as MLflow stores numbers, but NaN as infinity, which SQLite can return."""
    kept = Kept.loads(str(text)) if text else None
    value = None if kept is None else kept.values.get(str(metric))
    if value is None or math.isfinite(value):
        return value
    return math.inf if math.isnan(value) else math.copysign(LARGEST, value)


class _Kept(FunctionElement[float]):
    """The number of a metric in the text of a tag."""

    type = Float(53)
    inherit_cache = True


@compiles(_Kept, "sqlite")
def _kept_there(element: _Kept, compiler: SQLCompiler, **options: Any) -> str:
    return f"{KEPT}({compiler.process(element.clauses, **options)})"


@compiles(_Kept)
def _kept(element: _Kept, compiler: SQLCompiler, **options: Any) -> str:
    text, _metric, pattern = (compiler.process(each, **options) for each in element.clauses)
    number = f"substring({text} from {pattern})"
    return (
        f"CASE {number} WHEN 'NaN' THEN CAST('Infinity' AS DOUBLE PRECISION) WHEN 'Infinity' THEN {LARGEST!r} "
        f"WHEN '-Infinity' THEN {-LARGEST!r} ELSE CAST({number} AS DOUBLE PRECISION) END"
    )
