"""Translate a query for runs to SQL, without executing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from trainer.tracking.read.search import search_words
from trainer.tracking.read.sql_filter import conditions
from trainer.tracking.read.sql_sort import in_order
from trainer.tracking.read.sql_words import mentions_word
from trainer.tracking.read.tables import datasets, experiment_tags, experiments, input_tags, inputs, runs, tags
from trainer.tracking.reader import RunQuery
from trainer.tracking.run import PARENT_TAG
from trainer.tracking.tags import EXPERIMENT_TAGS, Tag

__all__ = [
    "SearchedQuery",
    "counted_runs",
    "experiment_annotations",
    "experiment_names",
    "ids_from",
    "logged_datasets",
    "matching_runs",
    "number_of_runs",
    "recorded_configs",
    "sorted_runs",
]

_ACTIVE, _DELETED = "active", "deleted"
_CONTEXT = "mlflow.data.context"


@dataclass(frozen=True, kw_only=True)
class SearchedQuery(RunQuery):
    """A query to an SQLite file whose words were searched for: `among` is the list of the ids found, as JSON."""

    among: str


def matching_runs(query: RunQuery) -> Select[Any]:
    """Select the ids of the runs that match the query's filters, in no order."""
    found = select(runs.c.run_uuid).where(runs.c.lifecycle_stage == (_DELETED if query.deleted else _ACTIVE))
    if query.experiment_ids:
        found = found.where(runs.c.experiment_id.in_([int(one) for one in query.experiment_ids if one.isdigit()]))
    if query.statuses:
        found = found.where(runs.c.status.in_([str(status) for status in query.statuses]))
    for key, value in query.tags:
        found = found.where(
            runs.c.run_uuid.in_(select(tags.c.run_uuid).where(tags.c.key == key, tags.c.value == value))
        )
    if query.folded:
        nested = select(tags.c.run_uuid).where(tags.c.key == PARENT_TAG, tags.c.value.in_(query.folded))
        found = found.where(runs.c.run_uuid.not_in(nested))
    if isinstance(query, SearchedQuery):
        # One text, since SQLite refuses more than 250,000 parameters and takes its time for each.
        listed = func.json_each(query.among).table_valued("value")
        found = found.where(runs.c.run_uuid.in_(select(listed.c.value)))
    for word in search_words(query.text):
        found = found.where(mentions_word(word))
    return found.where(*conditions(query.filters))


def sorted_runs(query: RunQuery) -> Select[Any]:
    """Select one page of matching ids in the query's order."""
    joined, order = in_order(matching_runs(query), query.sort)
    return joined.order_by(*order).offset(query.offset).limit(query.limit)


def counted_runs(query: RunQuery) -> Select[Any]:
    """Select one page of (id, number of all matching runs), where matching takes longer than counting."""
    # The result of the window function is the same in every row.
    return sorted_runs(query).add_columns(func.count().over())


def number_of_runs(query: RunQuery) -> Select[Any]:
    """Select the number of matching runs."""
    return select(func.count()).select_from(matching_runs(query).subquery())


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


def experiment_annotations() -> Select[Any]:
    """Select (experiment, tag, value) of the notes and saved views of experiments that are not deleted."""
    key = experiment_tags.c.key
    wanted = or_(*(key.startswith(begin, autoescape=True) for begin in EXPERIMENT_TAGS))
    columns = select(experiment_tags.c.experiment_id, key, experiment_tags.c.value)
    joined = columns.join(experiments, experiments.c.experiment_id == experiment_tags.c.experiment_id)
    return joined.where(wanted, experiments.c.lifecycle_stage == _ACTIVE).order_by(key)


def logged_datasets(run_ids: Sequence[str]) -> Select[Any]:
    """Select (run, name, digest, context) of the datasets that runs logged as inputs."""
    context = (input_tags.c.input_uuid == inputs.c.input_uuid) & (input_tags.c.name == _CONTEXT)
    wanted = select(inputs.c.destination_id, datasets.c.name, datasets.c.digest, input_tags.c.value)
    joined = wanted.join(datasets, datasets.c.dataset_uuid == inputs.c.source_id).outerjoin(input_tags, context)
    return joined.where(
        inputs.c.source_type == "DATASET", inputs.c.destination_type == "RUN", inputs.c.destination_id.in_(run_ids)
    )


def ids_from(prefix: str, *, deleted: bool = False) -> Select[Any]:
    """Select ten ids that start with `prefix`, of deleted runs too if `deleted`."""
    stages = (_ACTIVE, _DELETED) if deleted else (_ACTIVE,)
    found = select(runs.c.run_uuid).where(runs.c.lifecycle_stage.in_(stages))
    return found.where(runs.c.run_uuid.istartswith(prefix, autoescape=True)).order_by(runs.c.run_uuid).limit(10)
