"""Read what runs of an SQLite store are grouped by, and their values, by columns."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from trainer.tracking.groups import Field, GroupBy, Grouping, GroupPage
from trainer.tracking.read.group_columns import GroupedColumns, Keys
from trainer.tracking.read.group_query import MARK, but_params, signatures, unseeded
from trainer.tracking.read.sql_columns import (
    Coded,
    Columns,
    LastValues,
    Numbers,
    Pairs,
    coded,
    digests_of_data,
    in_parallel,
    last_values,
    texts_of,
)
from trainer.tracking.read.sql_kept import kept_number
from trainer.tracking.read.sql_values import KnownValues
from trainer.tracking.read.stored import stored_text
from trainer.tracking.read.tables import experiments, params, tags
from trainer.tracking.reader import RunQuery
from trainer.tracking.tags import Tag
from trainer.tracking.values import Reading

__all__ = ["columns_of", "group_columns"]


def columns_of(connection: Connection, query: RunQuery, by: GroupBy) -> Columns:
    """Return the runs of a query with the attributes that they are grouped by."""
    names = {each.name for each in by.fields if each.kind == "attribute"} if by.mode is Grouping.FIELDS else set()
    if by.mode is Grouping.CONFIG:
        names.add("experiment")
    if any(value.histories for value in by.values):
        names.add("end")
    return Columns(connection, query, sorted(names | {"status"}))


def group_columns(
    connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues, columns: Columns
) -> GroupPage:
    """Return one page of the groups of the runs in columns, which are those of the query.

    Raises:
        UnusualStoreError: the store has to be asked in SQL.
    """
    fields = by.fields if by.mode is Grouping.FIELDS else ()
    of_params = [each.name for each in fields if each.kind == "param"]
    of_tags = [str(Tag.CONFIG_DIGEST), *(each.name for each in fields if each.kind == "tag")]
    of_tags += [str(Tag.GROUP)] if by.mode is Grouping.CONFIG else []
    wanted = [value.metric for value in by.values if not value.histories]
    scans: list[Callable[[Connection], Any]] = [
        texts_of(params, of_params),
        texts_of(tags, of_tags),
        last_values(wanted),
        digests_of_data if by.mode is Grouping.CONFIG else _nothing,
    ]
    found_params, found_tags, last, data = in_parallel(connection, scans)
    of_runs = {
        **{("param", name): columns.texts(pairs) for name, pairs in found_params.items()},
        **{("tag", name): columns.texts(pairs) for name, pairs in found_tags.items()},
    }
    digests = of_runs["tag", str(Tag.CONFIG_DIGEST)]
    if by.mode is Grouping.CONFIG:
        keys = _by_config(connection, query, columns, of_runs["tag", str(Tag.GROUP)], data)
    elif by.mode is Grouping.EXCEPT:
        rest = columns.texts(_signatures(connection, query, by))
        keys = Keys([rest], [None] * len(by.fields), lambda run: rest.at(run) or "")
    else:
        keys = _by_fields([_field(connection, columns, of_runs, each) for each in by.fields])
    values = _values(connection, query, by, known, columns, last)
    return GroupedColumns(columns, keys, digests, values).page(query, by)


def _nothing(_connection: Connection) -> Pairs:
    return Pairs(b"", [])


def _field(connection: Connection, columns: Columns, of_runs: Mapping[tuple[str, str], Coded], field: Field) -> Coded:
    if field.kind != "attribute":
        return of_runs[field.kind, field.name]
    if field.name != "experiment":
        return columns.attribute(field.name)
    numbers = columns.attribute("experiment")
    rows = connection.execute(select(experiments.c.experiment_id, experiments.c.name))
    names = {str(number): stored_text(name) for number, name in rows}
    is_known = np.array([number in names for number in numbers.texts], dtype=np.bool_)
    places = np.where(is_known[numbers.places], numbers.places, -1) if len(is_known) else numbers.places
    return Coded(places, [names.get(number, "") for number in numbers.texts])


def _by_fields(fields: Sequence[Coded]) -> Keys:
    def key(run: int) -> str:
        values = (field.at(run) for field in fields)
        return "".join("-" if value is None else f"{len(value)}:{value}" for value in values)

    return Keys(fields, fields, key)


def _by_config(connection: Connection, query: RunQuery, columns: Columns, groups: Coded, logged: Pairs) -> Keys:
    base = _bases(connection, query, columns, groups)
    data = _data(columns, logged, base)
    return Keys([base, data], (), lambda run: f"{base.at(run)}{MARK}{data.at(run) or ''}")


def _bases(connection: Connection, query: RunQuery, columns: Columns, groups: Coded) -> Coded:
    """Return the config of each run; of other programs' runs all params but seeds, and the experiment."""
    others = np.flatnonzero(groups.places < 0)
    if not len(others):
        return Coded(groups.places, [f"c{group}" for group in groups.texts])
    experiment = columns.attribute("experiment")
    signature = columns.texts(_signatures(connection, query, None))

    def base(run: int) -> str:
        text = signature.at(run)
        return f"r{columns.run_id(run)}" if text is None else f"p{experiment.at(run)}{MARK}{text}"

    found = coded([base(run) for run in others.tolist()])
    places = groups.places.copy()
    places[others] = found.places + len(groups.texts)
    return Coded(places, [*(f"c{group}" for group in groups.texts), *found.texts])


def _signatures(connection: Connection, query: RunQuery, by: GroupBy | None) -> Pairs:
    """Read the params of runs but those of the fields; without `by`, of other programs' runs all but seeds."""
    wanted = signatures(query, but_params(by) if by else unseeded())
    if by is None:
        run = wanted.selected_columns.run_uuid
        wanted = wanted.where(run.not_in(select(tags.c.run_uuid).where(tags.c.key == str(Tag.GROUP))))
    rows = [(run_id, stored_text(text)) for run_id, text in connection.execute(wanted) if text is not None]
    return Pairs("".join(run_id for run_id, _ in rows).encode(), [text for _, text in rows])


def _data(columns: Columns, logged: Pairs, base: Coded) -> Coded:
    """Return the digests of the data of each run.

    A run that has not logged its data yet, since it is queued, belongs to those of the same config that have.
    """
    every: dict[int, set[str]] = {}
    for run, digest in zip(columns.places_in(logged.ids).tolist(), logged.texts, strict=True):
        if run >= 0:
            every.setdefault(run, set()).add(digest)
    joined = {run: MARK.join(sorted(digests)) for run, digests in every.items()}
    texts = sorted(set(joined.values()))
    ranks = {text: rank for rank, text in enumerate(texts)}
    places = np.full(len(columns), -1, dtype=np.int64)
    places[list(joined)] = [ranks[text] for text in joined.values()]
    greatest = np.full(len(base.texts), -1, dtype=np.int64)
    np.maximum.at(greatest, base.places, places)
    return Coded(np.where(places < 0, greatest[base.places], places), texts)


def _values(
    connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues, columns: Columns, last: LastValues
) -> dict[str, Numbers]:
    """Return metric → value of each run (runs,): NaN where it has none, infinite where it is not finite."""
    kept = _kept(connection, columns) if any(value.reading is Reading.KEPT for value in by.values) else {}
    found: dict[str, Numbers] = {}
    for metric, value in zip(by.metrics, by.values, strict=True):
        if value.histories:
            read = known.of_columns(connection, value, query.directions, columns)
            found[metric] = np.where(read.exist & np.isnan(read.numbers), math.inf, read.numbers)
            continue
        found[metric] = columns.numbers(*last.of(value.metric))
        if value.reading is Reading.KEPT:
            for run, text in kept.items():
                number = kept_number(text, value.metric, None)
                if number is not None:
                    found[metric][run] = number
    return found


def _kept(connection: Connection, columns: Columns) -> dict[int, str]:
    rows = connection.execute(select(tags.c.run_uuid, tags.c.value).where(tags.c.key == str(Tag.KEPT))).all()
    places = columns.places_in("".join(run_id for run_id, _ in rows).encode()).tolist()
    return {run: stored_text(text) for run, (_, text) in zip(places, rows, strict=True) if run >= 0}
