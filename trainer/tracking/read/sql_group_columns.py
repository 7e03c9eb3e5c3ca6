"""Read what runs of an SQLite store are grouped by, and their values, by columns."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, select

from trainer.tracking.groups import Field, GroupBy, Grouping, GroupPage
from trainer.tracking.read.answers import AnswersNow
from trainer.tracking.read.group_columns import GroupedColumns, Keys
from trainer.tracking.read.group_query import MARK, but_params, signatures, unseeded
from trainer.tracking.read.sql_columns import (
    Coded,
    Columns,
    Numbers,
    Pairs,
    coded,
    digests_of_data,
    last_values,
    texts_of,
)
from trainer.tracking.read.sql_histories import plain_texts
from trainer.tracking.read.sql_kept import kept_number
from trainer.tracking.read.sql_values import KnownValues
from trainer.tracking.read.stored import stored_text
from trainer.tracking.read.tables import experiments, params, tags
from trainer.tracking.reader import Column, RunQuery, Sort
from trainer.tracking.tags import Tag
from trainer.tracking.values import Reading

__all__ = ["columns_of", "group_columns"]

_DIGEST, _GROUP = ("tag", str(Tag.CONFIG_DIGEST)), ("tag", str(Tag.GROUP))
_DATA, _KEPT = ("data", ""), ("kept", "")


def columns_of(connection: Connection, query: RunQuery, by: GroupBy, scanned: AnswersNow) -> Columns:
    """Return the runs of a query with the attributes that they are grouped by."""
    names = {each.name for each in by.fields if each.kind == "attribute"} if by.mode is Grouping.FIELDS else set()
    if by.mode is Grouping.CONFIG:
        names.add("experiment")
    if any(value.histories for value in by.values):
        names.add("end")
    attributes = (*sorted(names), "status")
    every = replace(query, sort=Sort(), offset=0, limit=0)
    return scanned.of((every, attributes), lambda: Columns(connection, query, attributes))


def group_columns(
    connection: Connection, query: RunQuery, by: GroupBy, known: KnownValues, scanned: AnswersNow, columns: Columns
) -> GroupPage:
    """Return one page of the groups of the runs in columns, which are those of the query.

    Other columns are taken from `scanned`, and kept there: another grouping or an opened group needs few new ones.

    Raises:
        UnusualStoreError: the store has to be asked in SQL.
    """
    fields = by.fields if by.mode is Grouping.FIELDS else ()
    wanted = [_DIGEST, *((each.kind, each.name) for each in fields if each.kind != "attribute")]
    wanted += [_GROUP, _DATA] if by.mode is Grouping.CONFIG else []
    wanted += [_KEPT] if any(value.reading is Reading.KEPT for value in by.values) else []
    wanted += [("metric", value.metric) for value in by.values if not value.histories]
    found = scanned.of_each(list(dict.fromkeys(wanted)), partial(_scanned, connection))
    of_runs = {column: columns.texts(*each) for column, each in found.items() if column[0] in {"param", "tag"}}
    digests = of_runs[_DIGEST]
    if by.mode is Grouping.CONFIG:
        keys = _by_config(connection, query, columns, of_runs[_GROUP], found[_DATA])
    elif by.mode is Grouping.EXCEPT:
        rest = columns.texts(*_in_codes(_signatures(connection, query, by)))
        keys = Keys([rest], [None] * len(by.fields), lambda run: rest.at(run) or "")
    else:
        keys = _by_fields([_field(connection, columns, of_runs, each) for each in by.fields])
    values = _values(connection, query, by, known, columns, found)
    return GroupedColumns(columns, keys, digests, values).page(query, by)


def _scanned(connection: Connection, wanted: Sequence[Column]) -> dict[Column, Any]:
    """Scan for columns of all runs: ids in one text, and the texts or numbers that belong to them.

    The data are `Pairs`, and kept weights rows of id and tag.
    """
    names = {kind: [name for each, name in wanted if each == kind] for kind in ("param", "tag", "metric")}
    scans: list[Callable[[Connection], dict[Column, Any]]] = []

    def texts(kind: str, table: Table) -> Callable[[Connection], dict[Column, Any]]:
        scan = texts_of(table, names[kind])
        return lambda other: {(kind, name): _in_codes(pairs) for name, pairs in scan(other).items()}

    def metrics(other: Connection) -> dict[Column, Any]:
        last = last_values(names["metric"])(other)
        return {("metric", name): last.of(name) for name in names["metric"]}

    scans += [texts(kind, table) for kind, table in (("param", params), ("tag", tags)) if names[kind]]
    scans += [metrics] if names["metric"] else []
    scans += [lambda other: {_DATA: digests_of_data(other)}] if _DATA in wanted else []
    # By the index, since most stores have few such tags or none.
    kept = select(tags.c.run_uuid, tags.c.value).where(tags.c.key == str(Tag.KEPT))
    scans += [lambda other: {_KEPT: other.execute(kept).all()}] if _KEPT in wanted else []
    # In turn: in threads, the scans took a third more of the processors and no less of the clock.
    with plain_texts(connection):
        return {column: each for scan in scans for column, each in scan(connection).items()}


def _in_codes(found: Pairs) -> tuple[bytes, Coded]:
    return found.ids, coded(found.texts)


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
    signature = columns.texts(*_in_codes(_signatures(connection, query, None)))

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
    connection: Connection,
    query: RunQuery,
    by: GroupBy,
    known: KnownValues,
    columns: Columns,
    last: Mapping[Column, Any],
) -> dict[str, Numbers]:
    """Return metric → value of each run (runs,): NaN where it has none, infinite where it is not finite."""
    rows = last.get(_KEPT, ())
    places = columns.places_in(b"".join(run_id for run_id, _ in rows)).tolist()
    kept = {run: stored_text(text) for run, (_, text) in zip(places, rows, strict=True) if run >= 0}
    found: dict[str, Numbers] = {}
    for metric, value in zip(by.metrics, by.values, strict=True):
        if value.histories:
            read = known.of_columns(connection, value, query.directions, columns)
            found[metric] = np.where(read.exist & np.isnan(read.numbers), math.inf, read.numbers)
            continue
        found[metric] = columns.numbers(*last["metric", value.metric])
        if value.reading is Reading.KEPT:
            for run, text in kept.items():
                number = kept_number(text, value.metric, None)
                if number is not None:
                    found[metric][run] = number
    return found
