"""Ask the database which params and tags have one value in all runs of a query."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, or_, select

from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.tables import params, runs, tags
from trainer.tracking.reader import Column, RunQuery

__all__ = ["MOST_READ", "exceptions"]


MOST_READ = 10_000
"""How many runs of a query, the newest, are read: a value that all have takes a look at each of them."""


def exceptions(query: RunQuery, values: Mapping[Column, str]) -> Select[Any]:
    """Select one row: the number of runs that were read, and for each column whether one of them lacks the value."""
    newest = matching_runs(query).order_by(runs.c.start_time.desc(), runs.c.run_uuid).limit(MOST_READ)
    matching = newest.cte("matching")
    found: list[Any] = [select(func.count()).select_from(matching).scalar_subquery()]
    for place, ((kind, name), value) in enumerate(values.items()):
        table = (params if kind == "param" else tags).alias(f"held{place}")
        held = (table.c.run_uuid == matching.c.run_uuid) & (table.c.key == name)
        differs = or_(table.c.value.is_(None), table.c.value != value)
        some = select(matching.c.run_uuid).select_from(matching.outerjoin(table, held)).where(differs)
        # EXISTS, since the first such run ends the search.
        found.append(some.exists().label(f"differs{place}"))
    answers: Select[Any] = select(*found)
    return answers
