"""Translate a query for runs to SQL, without executing it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Float, Select, String, Table, and_, case, cast, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CTE

from trainer.tracking.note import OWN_NOTES
from trainer.tracking.read.search import OTHERS_TAGS, VALUE_TAGS, search_words
from trainer.tracking.read.sql_filter import conditions
from trainer.tracking.read.tables import datasets, experiments, input_tags, inputs, latest_metrics, params, runs, tags
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import Status
from trainer.tracking.tags import Tag

__all__ = [
    "FOLD",
    "all_keys",
    "experiment_names",
    "ids_from",
    "logged_datasets",
    "matching_runs",
    "number_of",
    "recorded_configs",
    "sorted_runs",
]

FOLD = "fitboard_fold"
"""The name of `search.fold` in SQL; connections to SQLite must define it."""

_ACTIVE = "active"
_CONTEXT = "mlflow.data.context"
_INTEGER = "^[0-9]{1,18}$"
_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"


def matching_runs(query: RunQuery) -> Select[Any]:
    """Select the ids of the runs that match the query's filters, in no order."""
    found = select(runs.c.run_uuid).where(runs.c.lifecycle_stage == _ACTIVE)
    if query.experiment_ids:
        found = found.where(runs.c.experiment_id.in_([int(one) for one in query.experiment_ids if one.isdigit()]))
    if query.statuses:
        found = found.where(runs.c.status.in_([str(status) for status in query.statuses]))
    for key, value in query.tags:
        found = found.where(
            runs.c.run_uuid.in_(select(tags.c.run_uuid).where(tags.c.key == key, tags.c.value == value))
        )
    for word in search_words(query.text):
        found = found.where(_mentions(word))
    return found.where(*conditions(query.filters))


def sorted_runs(query: RunQuery) -> Select[Any]:
    """Select one page of matching ids in the query's order, each with the total number.

    What has no value, or NaN, comes last in either direction.
    """
    joined, value, missing = _sort_value(matching_runs(query), query.sort)
    ordered = value.desc() if query.sort.descending else value.asc()
    # The window function counts all matching runs in the same query; its result is the same in every row.
    page = joined.add_columns(func.count().over()).order_by(
        *missing, ordered, runs.c.start_time.desc(), runs.c.run_uuid
    )
    return page.offset(query.offset).limit(query.limit)


def all_keys(table: Table) -> Select[Any]:
    """Select every key in a table of (key, run_uuid), each by one step in its index instead of a scan."""
    first = select(func.min(table.c.key).label("key")).cte("keys", recursive=True)
    following = select(func.min(table.c.key)).where(table.c.key > first.c.key).scalar_subquery()
    keys: CTE = first.union_all(select(following).where(first.c.key.is_not(None)))
    return select(keys.c.key).where(keys.c.key.is_not(None))


def number_of(text: ColumnElement[str]) -> ColumnElement[float]:
    """Return the number that a text holds, NULL for other texts."""
    # CASE, because PostgreSQL would refuse to cast text that is not a number.
    return case((text.regexp_match(_NUMBER), cast(text, Float(53))))


def _mentions(word: str) -> ColumnElement[bool]:
    """Match one word, as `search.mentions` does."""
    told = and_(*(func.substr(tags.c.key, 1, len(prefix)) != prefix for prefix in OTHERS_TAGS))
    named = and_(tags.c.key.in_(VALUE_TAGS), tags.c.value.not_like(OWN_NOTES), _has(tags.c.value, word))
    return or_(
        _has(runs.c.name, word),
        runs.c.run_uuid.istartswith(word, autoescape=True),
        runs.c.run_uuid.in_(select(params.c.run_uuid).where(_has_pair(params, word))),
        runs.c.run_uuid.in_(select(tags.c.run_uuid).where(or_(and_(told, _has_pair(tags, word)), named))),
    )


def _has_pair(table: Table, word: str) -> ColumnElement[bool]:
    """Match a word in `key=value`; it spans both only if it contains the equals sign."""
    if "=" in word:
        return _has(table.c.key + "=" + table.c.value, word)
    return or_(_has(table.c.key, word), _has(table.c.value, word))


def _has(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return _Folded(text).contains(word, autoescape=True)


class _Folded(FunctionElement[str]):
    """Fold the case of a text."""

    type = String()
    inherit_cache = True


@compiles(_Folded)
def _lowered(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    """Fold by the database's lower(), which covers all of Unicode if the locale does."""
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(_Folded, "sqlite")
def _folded(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    """Fold by `search.fold`, since SQLite's lower() covers only ASCII; pure ASCII text is left to it."""
    text = compiler.process(element.clauses, **options)
    return f"CASE WHEN {text} GLOB '*[^ -~]*' THEN {FOLD}(CAST({text} AS BLOB)) ELSE lower({text}) END"


_Sorted = tuple[Select[Any], ColumnElement[Any], list[ColumnElement[Any]]]


def _sort_value(found: Select[Any], sort: Sort) -> _Sorted:
    """Return the select with the required joins, the value to sort by, and what sorts missing values last."""
    if sort.kind == "metric":
        table = latest_metrics.alias("sorted")
        joined = found.outerjoin(table, (table.c.run_uuid == runs.c.run_uuid) & (table.c.key == sort.name))
        return joined, table.c.value, [case((table.c.is_nan, 1), (table.c.value.is_(None), 2), else_=0)]
    if sort.kind in {"param", "tag"}:
        table = (params if sort.kind == "param" else tags).alias("sorted")
        joined = found.outerjoin(table, (table.c.run_uuid == runs.c.run_uuid) & (table.c.key == sort.name))
        number = number_of(table.c.value)
        by_number = number.desc() if sort.descending else number.asc()
        kinds = case((table.c.value.is_(None), 2), (number.is_(None), 1), else_=0)
        return joined, table.c.value, [kinds, by_number]
    if sort.name == "duration":
        return _by_duration(found)
    columns: dict[str, ColumnElement[Any]] = {"name": _Folded(runs.c.name), "status": runs.c.status}
    value = columns.get(sort.name, runs.c.start_time)
    return found, value, [case((value.is_(None), 1), else_=0)]


def _by_duration(found: Select[Any]) -> _Sorted:
    """Sort by end − start, like `Run.seconds`; the start of queued runs is in their tag."""
    started, made = tags.alias("started"), tags.alias("made")
    joined = found.outerjoin(
        started, (started.c.run_uuid == runs.c.run_uuid) & (started.c.key == str(Tag.STARTED))
    ).outerjoin(made, (made.c.run_uuid == runs.c.run_uuid) & (made.c.key == str(Tag.CONFIG_DIGEST)))
    start = case(
        (started.c.value.regexp_match(_INTEGER), cast(started.c.value, BigInteger)),
        (made.c.value.is_(None), runs.c.start_time),
    )
    ended = runs.c.status.in_([str(status) for status in Status if status.ended])
    duration = case((ended, runs.c.end_time - start))
    positive = case((duration < 0, literal(0)), else_=duration)
    return joined, positive, [case((positive.is_(None), 1), else_=0)]


def recorded_configs(experiment: str, limit: int, also: str | None) -> Select[Any]:
    """Select (run, name, config tag) of an experiment's latest runs, preceded by the run `also` of any experiment."""
    is_named = runs.c.run_uuid == (also or "")
    folder = select(experiments.c.experiment_id).where(experiments.c.name == experiment).scalar_subquery()
    found = select(runs.c.run_uuid, runs.c.name, runs.c.start_time, case((is_named, 0), else_=1).label("after"))
    found = found.where(or_(is_named, (runs.c.experiment_id == folder) & (runs.c.lifecycle_stage == _ACTIVE)))
    # Tags are joined to the few runs that are left: to all of them takes twenty times as long.
    few = found.order_by("after", runs.c.start_time.desc(), runs.c.run_uuid).limit(limit).subquery()
    config = (tags.c.run_uuid == few.c.run_uuid) & (tags.c.key == str(Tag.CONFIG))
    rows = select(few.c.run_uuid, few.c.name, tags.c.value).outerjoin(tags, config)
    return rows.order_by(few.c.after, few.c.start_time.desc(), few.c.run_uuid)


def experiment_names() -> Select[Any]:
    """Select every experiment that is not deleted, by name."""
    columns = select(experiments.c.experiment_id, experiments.c.name)
    return columns.where(experiments.c.lifecycle_stage == _ACTIVE).order_by(experiments.c.name)


def logged_datasets(run_ids: Sequence[str]) -> Select[Any]:
    """Select (run, name, digest, context) of the datasets that runs logged as inputs."""
    context = (input_tags.c.input_uuid == inputs.c.input_uuid) & (input_tags.c.name == _CONTEXT)
    wanted = select(inputs.c.destination_id, datasets.c.name, datasets.c.digest, input_tags.c.value)
    joined = wanted.join(datasets, datasets.c.dataset_uuid == inputs.c.source_id).outerjoin(input_tags, context)
    return joined.where(
        inputs.c.source_type == "DATASET", inputs.c.destination_type == "RUN", inputs.c.destination_id.in_(run_ids)
    )


def ids_from(prefix: str) -> Select[Any]:
    """Select ten ids that start with `prefix`."""
    found = select(runs.c.run_uuid).where(runs.c.lifecycle_stage == _ACTIVE)
    return found.where(runs.c.run_uuid.istartswith(prefix, autoescape=True)).order_by(runs.c.run_uuid).limit(10)
