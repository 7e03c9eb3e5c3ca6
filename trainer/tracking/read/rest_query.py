"""Translate a query for runs to MLflow's search syntax, and sort in Python what that cannot express."""

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from trainer.tracking.filter import Clause, Filters
from trainer.tracking.read.search import fold
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import Run, Status
from trainer.tracking.values import Reading

__all__ = ["arranged", "compares_metrics", "filters", "fits", "order", "valued_first"]

_Item = TypeVar("_Item")


def filters(query: RunQuery) -> list[str]:
    """Return the clauses, all of which must hold. MLflow's syntax has no OR, so other statuses are excluded."""
    others = [status for status in Status if status not in query.statuses] if query.statuses else []
    clauses = [f"attributes.status != '{status}'" for status in others]
    clauses += [f"tags.`{key}` {_equals(value)}" for key, value in query.tags]
    return clauses + [_written(clause) for clause in query.filters]


def fits(run: Run, filters: Filters) -> bool:
    """Return whether a run that a server found fits: servers take NaN for 0, and here it matches only `!=`."""
    compared = (clause for clause in filters if clause.kind == "metric" and clause.operator != "!=")
    return not any(math.isnan(run.metrics.get(clause.key, math.nan)) for clause in compared)


def compares_metrics(filters: Filters) -> bool:
    """Return whether `fits` may refuse a run that a server found."""
    return any(clause.kind == "metric" and clause.operator != "!=" for clause in filters)


def _written(clause: Clause) -> str:
    kind = f"{clause.kind}s" if clause.kind != "dataset" else "dataset"
    key = f"`{clause.key}`" if "`" not in clause.key else f'"{clause.key}"'
    name = f"{kind}.{clause.key}" if clause.kind in {"attribute", "dataset"} else f"{kind}.{key}"
    if clause.value is None:
        return f"{name} {clause.operator}"
    if isinstance(clause.value, tuple):
        return f"{name} {clause.operator} ({', '.join(_quoted(value) for value in clause.value)})"
    if isinstance(clause.value, str):
        return f"{name} {clause.operator} {_quoted(clause.value)}"
    # Times are integers to a server, and a metric is a number without an exponent.
    whole = clause.kind == "attribute" and clause.value.is_integer()
    return f"{name} {clause.operator} {int(clause.value) if whole else format(Decimal(repr(clause.value)), 'f')}"


def _quoted(text: str) -> str:
    return f"'{text}'" if "'" not in text else f'"{text}"'


def order(sort: Sort) -> str | None:
    """Return the sort order in MLflow's syntax, or None if that cannot express it."""
    direction = "DESC" if sort.descending else "ASC"
    value = sort.value
    if value is not None and value.reading is Reading.LAST and "`" not in value.metric:
        return f"metrics.`{value.metric}` {direction}"
    attributes = {"start_time": "start_time", "name": "run_name", "status": "status"}
    if sort.kind == "attribute" and sort.name in attributes:
        return f"attributes.{attributes[sort.name]} {direction}"
    return None


def arranged(runs: Iterable[Run], sort: Sort, values: Mapping[str, Mapping[str, float]]) -> list[Run]:
    """Sort as `SqlReader` does: runs without a value come last in either direction.

    Args:
        runs: in any order.
        sort: the order.
        values: run id → name of the metric's value in `sort` → the value, if runs are sorted by one.
    """
    # Sorted first by time, since the later stable sort keeps this order among equal values.
    newest = sorted(runs, key=lambda run: (-(run.start_time or 0), run.run_id))
    return valued_first(newest, lambda run: _value(run, sort, values.get(run.run_id, {})), descending=sort.descending)


def valued_first(
    items: Iterable[_Item], value_of: Callable[[_Item], tuple[int, Any]], *, descending: bool
) -> list[_Item]:
    """Sort stably by (kind, value): the kinds in ascending order in either direction, the values of each as asked."""
    kinds: dict[int, list[tuple[Any, _Item]]] = {}
    for item in items:
        kind, value = value_of(item)
        kinds.setdefault(kind, []).append((value, item))
    return [
        item for kind in sorted(kinds) for _, item in sorted(kinds[kind], key=lambda pair: pair[0], reverse=descending)
    ]


def _value(run: Run, sort: Sort, values: Mapping[str, float]) -> tuple[int, Any]:
    """Return the kind and the value to sort by: 0 for values, 1 for text among numbers, 2 for NaN, 3 if missing."""
    if sort.kind == "metric":
        value = values.get(sort.name)
        return (3, 0) if value is None else (2, 0) if math.isnan(value) else (0, value)
    if sort.kind in {"param", "tag"}:
        text = (run.params if sort.kind == "param" else run.tags).get(sort.name)
        if text is None:
            return 3, 0
        try:
            return 0, float(text)
        except ValueError:
            return 1, text
    by_name = {"duration": run.seconds, "name": fold(run.name), "status": str(run.status)}
    found = by_name.get(sort.name, run.start_time)
    return (3, 0) if found is None else (0, found)


def _equals(value: str) -> str:
    """`= 'value'`; one with both kinds of quotation mark is matched by a pattern, since there is no escaping."""
    if "'" not in value:
        return f"= '{value}'"
    return f'= "{value}"' if '"' not in value else f"LIKE '{value.replace(chr(39), '_')}'"
