"""Saved views of the Runs and the Compare page, which experiments keep as tags, and those that MLflow's own UI saved.

A view is a name and the query of an address. MLflow's UI keeps the state of its page of runs instead, which is
translated as far as Runs can show it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from trainer.tracking.mlflow_views import MlflowView, read_mlflow_view
from trainer.tracking.run import Experiment
from trainer.tracking.tags import MLFLOW_VIEW, OWN_VIEW

__all__ = ["Query", "View", "ViewPage", "Views", "view_value", "views_of"]

Query = tuple[tuple[str, str], ...]
"""The parameters of an address, in order; one that has several values comes several times."""


class ViewPage(StrEnum):
    """The pages that views are of, by their addresses."""

    RUNS = "runs"
    COMPARE = "compare"


@dataclass(frozen=True, kw_only=True)
class View:
    """A saved view.

    `left_out` says which parts of a view of MLflow's UI Runs does not show.
    """

    id: str
    name: str
    page: ViewPage
    query: Query
    experiment_id: str
    experiment: str
    by_mlflow: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The tag of the experiment that holds the view."""
        return (MLFLOW_VIEW if self.by_mlflow else OWN_VIEW) + self.id


class Views(NamedTuple):
    """The views of a store by name, and the tags that cannot be read as views."""

    views: tuple[View, ...]
    unreadable: tuple[str, ...]


def views_of(experiments: Iterable[Experiment]) -> Views:
    """Return the views that experiments keep."""
    found: list[View] = []
    unreadable: list[str] = []
    for experiment in experiments:
        for key, value in experiment.tags.items():
            if not key.startswith((OWN_VIEW, MLFLOW_VIEW)):
                continue
            try:
                read = _own if key.startswith(OWN_VIEW) else _mlflow
                found.append(read(experiment, key, value))
            # Whatever wrote the tag, one bad view must not hide the others.
            except (ValueError, TypeError, KeyError, RecursionError):
                unreadable.append(key)
    return Views(tuple(sorted(found, key=lambda view: (view.name.casefold(), view.id))), tuple(unreadable))


def view_value(name: str, page: ViewPage, query: Iterable[tuple[str, str]]) -> str:
    """Return the value of a view's tag."""
    return json.dumps({"name": name, "page": page, "query": list(query)}, ensure_ascii=False, separators=(",", ":"))


def _own(experiment: Experiment, key: str, value: str) -> View:
    held: Mapping[str, Any] = json.loads(value)
    query = tuple((name, text) for name, text in held["query"])
    if not all(isinstance(each, str) for each in (held["name"], *(word for pair in query for word in pair))):
        raise TypeError(key)
    return View(
        id=key.removeprefix(OWN_VIEW),
        name=held["name"],
        page=ViewPage(held["page"]),
        query=query,
        experiment_id=experiment.experiment_id,
        experiment=experiment.name,
    )


def _mlflow(experiment: Experiment, key: str, value: str) -> View:
    view_id = key.removeprefix(MLFLOW_VIEW)
    read: MlflowView = read_mlflow_view(value, experiment.name)
    return View(
        id=view_id,
        name=read.name or f"MLflow view {view_id[:8]}",
        page=ViewPage.RUNS,
        query=read.query,
        experiment_id=experiment.experiment_id,
        experiment=experiment.name,
        by_mlflow=True,
        left_out=read.left_out,
    )
