"""Ask the database which params and tags have one value in all runs of a query."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, or_, select

from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.tables import params, tags
from trainer.tracking.reader import Column, RunQuery

__all__ = ["exceptions"]


def exceptions(query: RunQuery, values: Mapping[Column, str]) -> Select[Any]:
    """Select one row: for each column, in order, whether a run of the query lacks the value.

    The search ends at the first such run; only a value that all runs have takes a look at each of them.
    """
    matching = matching_runs(query).cte("matching")
    found = []
    for place, ((kind, name), value) in enumerate(values.items()):
        table = (params if kind == "param" else tags).alias(f"held{place}")
        held = (table.c.run_uuid == matching.c.run_uuid) & (table.c.key == name)
        differs = or_(table.c.value.is_(None), table.c.value != value)
        some = select(matching.c.run_uuid).select_from(matching.outerjoin(table, held)).where(differs)
        found.append(some.exists().label(f"differs{place}"))
    answers: Select[Any] = select(*found)
    return answers
