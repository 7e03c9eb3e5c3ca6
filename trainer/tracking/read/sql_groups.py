"""Read groups of runs from a database."""

import math
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from trainer.tracking.filter import Clause
from trainer.tracking.groups import MOST_MEMBERS, GroupBy, GroupPage, Moments, RunGroup
from trainer.tracking.read.answers import AnswersNow
from trainer.tracking.read.group_query import every_member, grouped_runs, newest_members
from trainer.tracking.read.group_runs import Member, group_members
from trainer.tracking.read.sql_kept import joined_value
from trainer.tracking.read.sql_many import in_large_file
from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.sql_values import KnownValues, listed_runs
from trainer.tracking.read.stored import stored_integer, stored_text, stored_value
from trainer.tracking.read.tables import tags
from trainer.tracking.reader import RunQuery
from trainer.tracking.tags import Tag
from trainer.tracking.values import MetricValue

__all__ = ["FEW", "read_groups"]

FEW = 2_000
"""Up to so many runs, to look each of them up takes less time than to read columns of all runs."""


def read_groups(
    connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues, columns: AnswersNow
) -> GroupPage:
    """Return one page of groups, and the members of those that are open.

    They are summarized in the database, except by values that are read from histories; of many runs of an SQLite file
    only columns are read there. What is read is taken from `known` and `columns`, and kept there.
    """
    if in_large_file(connection, FEW):
        found = _by_columns(connection, query, by, known, columns)
        if isinstance(found, GroupPage):
            return found
        query = found
    if any(value.histories for value in by.values):
        return group_members(_members(connection, query, by, known), query, by)
    return _read_groups(connection, query, by)


def _by_columns(
    connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues, scanned: AnswersNow
) -> GroupPage | RunQuery:
    """Return the groups, or where joins are the better way the query for them."""
    # Here, since most programs that read runs group none of them and need no NumPy.
    from trainer.tracking.read.sql_columns import UnusualStoreError
    from trainer.tracking.read.sql_group_columns import columns_of, group_columns

    try:
        columns = columns_of(connection, query, by, scanned)
        if len(columns) >= FEW:
            return group_columns(connection, query, by, known, scanned, columns)
    except UnusualStoreError:
        return query
    # Words are searched for once.
    ids = tuple(columns.run_id(run) for run in range(len(columns)))
    found = replace(query, text="", filters=(Clause("attribute", "run_id", "IN", ids),))
    return found if query.text.split() else query


def _members(connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues) -> list[Member]:
    listed = listed_runs(connection, query)
    values: dict[str, dict[str, float]] = {run.run_id: {} for run in listed}
    for metric, value in zip(by.metrics, by.values, strict=True):
        if value.histories:
            read = known.of(connection, value, query.directions, listed)
        else:
            read = _last(connection, query, value)
        for run_id, number in read.items():
            values[run_id][metric] = number
    places = range(len(by.fields))
    return [
        Member(
            run_id=row["run"],
            start=stored_integer(row["start"]),
            is_finished=bool(row["finished"]),
            digest=row["run"] if row["digest"] is None else stored_text(row["digest"]),
            key=stored_text(row["key"]),
            fields=tuple(None if row[f"f{place}"] is None else stored_text(row[f"f{place}"]) for place in places),
            values=values.get(row["run"], {}),
        )
        for row in connection.execute(every_member(query, by)).mappings()
    ]


def _last(connection: Connection, query: RunQuery, value: MetricValue) -> dict[str, float]:
    found, number, is_nan = joined_value(matching_runs(query), value, "last")
    rows = connection.execute(found.add_columns(number, is_nan))
    return {run_id: stored_value(last, bool(flag)) for run_id, last, flag in rows if last is not None}


def _read_groups(connection: Connection, query: RunQuery, by: GroupBy) -> GroupPage:
    # To look for the tag in every run takes a third of the time, and most stores have none.
    some = select(tags.c.run_uuid).where(tags.c.key == str(Tag.KEPT)).limit(1)
    kept = connection.scalar(some) is not None
    rows = connection.execute(grouped_runs(query, by, kept=kept)).mappings().all()
    if not rows and query.offset:
        # Without a row there are no totals either; the page still needs them to link to the last page.
        first = _read_groups(connection, replace(query, offset=0, limit=1), replace(by, opened=()))
        return replace(first, groups=())
    groups = [_group(row, by) for row in rows]
    for place, group in enumerate(groups):
        if group.id in by.opened:
            members = connection.scalars(newest_members(query, by, group.key, MOST_MEMBERS))
            groups[place] = replace(group, members=tuple(members))
    total, runs = (int(rows[0]["all_groups"]), int(rows[0]["all_runs"])) if rows else (0, 0)
    return GroupPage(groups=tuple(groups), total=total, runs=runs)


def _group(row: Any, by: GroupBy) -> RunGroup:
    every = list(enumerate(by.metrics))
    values = [row[f"f{place}"] for place in range(len(by.fields))]
    return RunGroup(
        key=stored_text(row["key"]),
        values=tuple(None if value is None else stored_text(value) for value in values),
        runs=int(row["runs"]),
        finished=int(row["finished"]),
        counted=int(row["counted"]),
        newest=stored_text(row["newest"])[-32:],
        newest_time=stored_integer(row["start"]),
        metrics={metric: _moments(row, place) for place, metric in every if row[f"n{place}"]},
        odd={metric: int(row[f"odd{place}"]) for place, metric in every if row[f"odd{place}"]},
    )


def _moments(row: Any, place: int) -> Moments:
    n, rough, shift, squares, low, high = (
        float(row[f"{name}{place}"]) for name in ("n", "mean", "shift", "squares", "low", "high")
    )
    # The mean of the distances corrects the rounding of the mean that they were measured from (Björck).
    mean = min(max(rough + shift / n, low), high)
    deviation = math.sqrt(max(0.0, squares - shift * shift / n) / (n - 1)) if n > 1 else 0.0
    return Moments(int(n), mean, deviation, low, high)
