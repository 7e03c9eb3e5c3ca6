"""Translate a query for runs to MLflow's search syntax, and sort in Python what that cannot express."""

import math
from collections.abc import Iterable
from typing import Any

from trainer.tracking.read.search import fold
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import Run, Status

__all__ = ["arranged", "filters", "order"]


def filters(query: RunQuery) -> list[str]:
    """Return the clauses, all of which must hold. MLflow's syntax has no OR, so other statuses are excluded."""
    others = [status for status in Status if status not in query.statuses] if query.statuses else []
    clauses = [f"attributes.status != '{status}'" for status in others]
    return clauses + [f"tags.`{key}` {_equals(value)}" for key, value in query.tags]


def order(sort: Sort) -> str | None:
    """Return the sort order in MLflow's syntax, or None if that cannot express it."""
    direction = "DESC" if sort.descending else "ASC"
    if sort.kind == "metric" and "`" not in sort.name:
        return f"metrics.`{sort.name}` {direction}"
    attributes = {"start_time": "start_time", "name": "run_name", "status": "status"}
    if sort.kind == "attribute" and sort.name in attributes:
        return f"attributes.{attributes[sort.name]} {direction}"
    return None


def arranged(runs: Iterable[Run], sort: Sort) -> list[Run]:
    """Sort as `SqlReader` does: runs without a value come last in either direction."""
    # Sorted first by time, since the later stable sort keeps this order among equal values.
    newest = sorted(runs, key=lambda run: (-(run.start_time or 0), run.run_id))
    groups: dict[int, list[tuple[Any, Run]]] = {}
    for run in newest:
        group, value = _value(run, sort)
        groups.setdefault(group, []).append((value, run))
    ordered: list[Run] = []
    for group in sorted(groups):
        valued = sorted(groups[group], key=lambda pair: pair[0], reverse=sort.descending)
        ordered += [run for _, run in valued]
    return ordered


def _value(run: Run, sort: Sort) -> tuple[int, Any]:
    """Return the group and the value to sort by: 0 for values, 1 for text among numbers, 2 for missing values."""
    if sort.kind == "metric":
        value = run.metrics.get(sort.name, math.nan)
        return (2, 0) if math.isnan(value) else (0, value)
    if sort.kind in {"param", "tag"}:
        text = (run.params if sort.kind == "param" else run.tags).get(sort.name)
        if text is None:
            return 2, 0
        try:
            return 0, float(text)
        except ValueError:
            return 1, text
    by_name = {"duration": run.seconds, "name": fold(run.name), "status": str(run.status)}
    found = by_name.get(sort.name, run.start_time)
    return (2, 0) if found is None else (0, found)


def _equals(value: str) -> str:
    """`= 'value'`; one with both kinds of quotation mark is matched by a pattern, since there is no escaping."""
    if "'" not in value:
        return f"= '{value}'"
    return f'= "{value}"' if '"' not in value else f"LIKE '{value.replace(chr(39), '_')}'"
