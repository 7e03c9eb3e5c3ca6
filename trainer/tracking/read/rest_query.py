"""A query for runs in the words of MLflow's search, and here in Python what has no such words."""

import math
from collections.abc import Iterable
from typing import Any

from trainer.tracking.read.search import fold
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import Run, Status

__all__ = ["arranged", "filters", "order"]


def filters(query: RunQuery) -> list[str]:
    """Return the clauses, all of which must hold; the search knows no `or`, so statuses are told by the others."""
    others = [status for status in Status if status not in query.statuses] if query.statuses else []
    clauses = [f"attributes.status != '{status}'" for status in others]
    return clauses + [f"tags.`{key}` {_equals(value)}" for key, value in query.tags]


def order(sort: Sort) -> str | None:
    """Return the order as the server takes it, or None where it knows none that is meant."""
    direction = "DESC" if sort.descending else "ASC"
    if sort.kind == "metric" and "`" not in sort.name:
        return f"metrics.`{sort.name}` {direction}"
    attributes = {"start_time": "start_time", "name": "run_name", "status": "status"}
    if sort.kind == "attribute" and sort.name in attributes:
        return f"attributes.{attributes[sort.name]} {direction}"
    return None


def arranged(runs: Iterable[Run], sort: Sort) -> list[Run]:
    """In the order that the database would give: what has no value comes last in either direction."""
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
    """0 and the value, 1 and a text where others have numbers, or 2 and nothing."""
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
