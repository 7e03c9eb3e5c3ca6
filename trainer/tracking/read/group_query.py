"""Translate groups of runs to SQL, without executing it.

A group's key is one text, so that groups can be joined by equality: databases cannot look up `IS NOT DISTINCT FROM`,
which several fields with missing values would need, in an index.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import CTE, Select, String, and_, case, cast, func, literal, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from trainer.tracking.groups import SEEDS, Field, GroupBy, Grouping
from trainer.tracking.read.sql_kept import joined_value
from trainer.tracking.read.sql_numbers import number_of
from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.tables import datasets, experiments, inputs, params, runs, tags
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import Status
from trainer.tracking.tags import Tag
from trainer.tracking.values import Reading

__all__ = ["MARK", "USABLE", "but_params", "every_member", "grouped_runs", "newest_members", "signatures", "unseeded"]

USABLE = 1e150
"""Values from here on count as not finite: PostgreSQL refuses to square them, and MLflow stores ±∞ as 1.8e308."""

_FINISHED = str(Status.FINISHED)
MARK = "\x1f"
"""Between the parts of a key."""


def grouped_runs(query: RunQuery, by: GroupBy, *, kept: bool = True) -> Select[Any]:
    """Select one page of groups; without `kept`, no run is known to have kept other weights than the last.

    The columns are key, runs, finished, counted, newest (start and id in one text), start; `f0`, … for the values of
    fields; `n0`, `mean0`, `shift0`, `squares0`, `low0`, `high0`, `odd0`, … for metrics; all_groups and all_runs. The
    exact mean is `mean + shift / n`, and `squares` is the sum of squared distances from `mean`.
    """
    member = _members(query, by, kept=kept)
    every = range(len(by.metrics))
    first = select(member.c.key, *(_mean(member.c[f"v{place}"]).label(f"mean{place}") for place in every))
    means = first.group_by(member.c.key).cte("means")
    columns: list[ColumnElement[Any]] = [
        member.c.key,
        func.count().label("runs"),
        func.sum(member.c.finished).label("finished"),
        func.sum(member.c.counts).label("counted"),
        # Times of this century have 13 digits, so that their texts sort as they do.
        func.max(cast(func.coalesce(member.c.start, 0), String) + member.c.run).label("newest"),
        func.max(member.c.start).label("start"),
        *(func.min(member.c[f"f{place}"]).label(f"f{place}") for place in range(len(by.fields))),
    ]
    for place in every:
        value, mean = member.c[f"v{place}"], means.c[f"mean{place}"]
        columns += [
            func.count(value).label(f"n{place}"),
            func.min(mean).label(f"mean{place}"),
            func.sum(value - mean).label(f"shift{place}"),
            func.sum((value - mean) * (value - mean)).label(f"squares{place}"),
            func.min(value).label(f"low{place}"),
            func.max(value).label(f"high{place}"),
            func.sum(member.c[f"odd{place}"]).label(f"odd{place}"),
        ]
    joined = select(*columns).join(means, means.c.key == member.c.key).group_by(member.c.key).cte("grouped")
    page = select(joined, func.count().over().label("all_groups"), func.sum(joined.c.runs).over().label("all_runs"))
    return page.order_by(*_order(joined, query.sort, by)).offset(query.offset).limit(query.limit)


def newest_members(query: RunQuery, by: GroupBy, key: str, limit: int) -> Select[Any]:
    """Select the ids of the newest runs of one group."""
    member = _members(query, GroupBy(mode=by.mode, fields=by.fields))
    found = select(member.c.run).where(member.c.key == key)
    return found.order_by(func.coalesce(member.c.start, 0).desc(), member.c.run).limit(limit)


def every_member(query: RunQuery, by: GroupBy) -> Select[Any]:
    """Select all matching runs: run, start, finished, digest, key, and `f0`, … for the values of fields; no metric."""
    return _keyed(query, replace(by, metrics=()))


def signatures(query: RunQuery, included: ColumnElement[bool]) -> Select[Any]:
    """Select (run, its included params as one text) of the matching runs; NULL where a run has none."""
    return matching_runs(query).with_only_columns(runs.c.run_uuid, _signature(included))


def but_params(by: GroupBy) -> ColumnElement[bool]:
    """Include all params but those of the fields."""
    return params.c.key.not_in([each.name for each in by.fields if each.kind == "param"])


def unseeded() -> ColumnElement[bool]:
    """Include all params but seeds."""
    return and_(*(_is_no(params.c.key, seed) for seed in SEEDS))


def _members(query: RunQuery, by: GroupBy, *, kept: bool = True) -> CTE:
    """Select the matching runs, each with the key of its group and with its values: `v0` if they count, else NULL."""
    keyed = _keyed(query, by, kept=kept).cte("keyed")
    digest = func.coalesce(keyed.c.digest, keyed.c.run)
    first = func.row_number().over(
        partition_by=(keyed.c.key, digest), order_by=(keyed.c.finished.desc(), keyed.c.start, keyed.c.run)
    )
    counts = case((and_(keyed.c.finished == 1, first == 1), 1), else_=0)
    ranked = select(keyed, counts.label("counts")).cte("ranked")
    columns: list[ColumnElement[Any]] = [ranked.c[name] for name in ("run", "start", "finished", "key", "counts")]
    columns += [ranked.c[f"f{place}"] for place in range(len(by.fields))]
    for place in range(len(by.metrics)):
        value, odd = ranked.c[f"x{place}"], ranked.c[f"y{place}"]
        columns += [
            case((ranked.c.counts == 1, value)).label(f"v{place}"),
            (odd * ranked.c.counts).label(f"odd{place}"),
        ]
    return select(*columns).cte("member")


def _keyed(query: RunQuery, by: GroupBy, *, kept: bool = True) -> Select[Any]:
    """Select (run, start, finished, digest, x0, y0, …, key, f0, …): `x0` is a metric if it is finite, `y0` if not."""
    found, digest = _with_tag(matching_runs(query), Tag.CONFIG_DIGEST)
    known: list[ColumnElement[Any]] = [
        runs.c.run_uuid.label("run"),
        runs.c.start_time.label("start"),
        case((runs.c.status == _FINISHED, 1), else_=0).label("finished"),
        digest.label("digest"),
    ]
    # Joined before the runs are sorted into groups: in their own order, the rows of neighbors are on the same pages.
    for place, wanted in enumerate(by.values):
        is_last = wanted.reading is Reading.KEPT and not kept
        read = replace(wanted, reading=Reading.LAST) if is_last else wanted
        found, number, is_nan = joined_value(found, read, f"metric{place}")
        # Not abs(): SQLite takes that of a text, which it may hold here, for 0.
        usable = and_(not_(is_nan), number < USABLE, number > -USABLE)
        known.append(case((usable, number)).label(f"x{place}"))
        known.append(case((number.is_(None), 0), (usable, 0), else_=1).label(f"y{place}"))
    if by.mode is Grouping.CONFIG:
        return _keyed_by_config(found, known)
    if by.mode is Grouping.EXCEPT:
        # One NULL for each field: the groups are of what is left.
        blanks = (literal(None, String).label(f"f{place}") for place in range(len(by.fields)))
        return found.with_only_columns(*known, func.coalesce(_signature(but_params(by)), "").label("key"), *blanks)
    values = []
    for place, each in enumerate(by.fields):
        found, value = _field(found, each, place)
        values.append(value)
    labeled = (value.label(f"f{place}") for place, value in enumerate(values))
    return found.with_only_columns(*known, _key(values).label("key"), *labeled)


def _keyed_by_config(found: Select[Any], known: list[ColumnElement[Any]]) -> Select[Any]:
    found, group = _with_tag(found, Tag.GROUP)
    signature = _signature(unseeded())
    base = case(
        (group.is_not(None), "c" + group),
        (signature.is_not(None), "p" + cast(runs.c.experiment_id, String) + MARK + signature),
        else_="r" + runs.c.run_uuid,
    )
    inner = found.with_only_columns(*known, base.label("base"), _data().label("data")).cte("identified")
    # A run that has not logged its data yet, since it is queued, belongs to those of the same config that have.
    data = func.coalesce(inner.c.data, func.max(inner.c.data).over(partition_by=inner.c.base), "")
    columns = (inner.c[str(each.key)] for each in known)
    return select(*columns, (inner.c.base + MARK + data).label("key"))


def _with_tag(found: Select[Any], tag: Tag) -> tuple[Select[Any], ColumnElement[str]]:
    table = tags.alias(tag.name.lower())
    return found.outerjoin(table, and_(table.c.run_uuid == runs.c.run_uuid, table.c.key == str(tag))), table.c.value


def _is_no(key: ColumnElement[str], seed: str) -> ColumnElement[bool]:
    return not_(or_(key == seed, key.endswith(f".{seed}", autoescape=True), key.endswith(f"/{seed}", autoescape=True)))


def _signature(included: ColumnElement[bool]) -> ColumnElement[str]:
    """Select the params of a run as one text, sorted by key; NULL if there are none."""
    pair = (params.c.key + "=" + params.c.value).label("pair")
    sorted_pairs = select(pair).where(params.c.run_uuid == runs.c.run_uuid, included).order_by(params.c.key)
    pairs = sorted_pairs.correlate(runs).subquery()
    return select(func.aggregate_strings(pairs.c.pair, MARK)).scalar_subquery()


def _data() -> ColumnElement[str]:
    """Select the digests of the data that a run logged as one text; NULL if there are none."""
    used = select(datasets.c.digest).distinct().join(inputs, inputs.c.source_id == datasets.c.dataset_uuid)
    # `coalesce`, since SQLite would otherwise look up the inputs by their type, and read those of all runs for each.
    logged = used.where(
        inputs.c.destination_type == "RUN",
        inputs.c.destination_id == runs.c.run_uuid,
        func.coalesce(inputs.c.source_type, "") == "DATASET",
    )
    digests = logged.order_by(datasets.c.digest).correlate(runs).subquery()
    return select(func.aggregate_strings(digests.c.digest, MARK)).scalar_subquery()


def _field(found: Select[Any], each: Field, place: int) -> tuple[Select[Any], ColumnElement[Any]]:
    """Join what a field needs, and return its value."""
    if each.kind == "attribute":
        if each.name == "experiment":
            joined = found.outerjoin(experiments, experiments.c.experiment_id == runs.c.experiment_id)
            return joined, experiments.c.name
        return found, {"status": runs.c.status, "name": runs.c.name}[each.name]
    table = (params if each.kind == "param" else tags).alias(f"field{place}")
    return found.outerjoin(table, and_(table.c.run_uuid == runs.c.run_uuid, table.c.key == each.name)), table.c.value


def _key(values: list[ColumnElement[Any]]) -> ColumnElement[str]:
    """Join values to one text from which none can be mistaken for another: `4:Adam2:32`, `-` for a missing one."""
    parts = [func.coalesce(cast(func.length(value), String) + ":" + value, "-") for value in values]
    key: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        key = key + part
    return key


def _mean(value: ColumnElement[float]) -> ColumnElement[float]:
    """Return the mean; of equal values exactly their value, which a rounded sum would miss."""
    return case((func.min(value) == func.max(value), func.min(value)), else_=func.avg(value))


def _order(grouped: CTE, sort: Sort, by: GroupBy) -> list[ColumnElement[Any]]:
    """Sort by a metric's mean, a field's value, the number of runs, or the newest run; missing values last."""
    value: ColumnElement[Any] = grouped.c.start
    before: list[ColumnElement[Any]] = []
    fields = [(each.kind, each.name) for each in by.fields if by.mode is Grouping.FIELDS]
    if sort.kind == "metric" and sort.name in by.metrics:
        value = grouped.c[f"mean{by.metrics.index(sort.name)}"]
    elif (sort.kind, sort.name) in fields:
        value = grouped.c[f"f{fields.index((sort.kind, sort.name))}"]
        number = number_of(value)
        before = [case((number.is_(None), 1), else_=0), number.desc() if sort.descending else number.asc()]
    elif sort == Sort(name="runs", descending=sort.descending):
        value = grouped.c.runs
    missing = case((value.is_(None), 1), else_=0)
    ordered = value.desc() if sort.descending else value.asc()
    return [missing, *before, ordered, func.coalesce(grouped.c.start, 0).desc(), grouped.c.newest]
