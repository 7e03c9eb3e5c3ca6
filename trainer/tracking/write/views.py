"""Save, rename and delete views, which experiments keep as tags."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.format import count, cut
from trainer.tracking.views import View, ViewPage, view_value, views_of
from trainer.tracking.write.annotations import checked_name

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["LONGEST_VIEW", "delete_view", "overwrite_view", "rename_view", "save_view"]

LONGEST_VIEW = 20_000
"""Characters of the tag that holds a view; MLflow 3.17 refuses longer tags of an experiment."""


def save_view(store: "Store", experiment_id: str, name: str, page: ViewPage, query: Iterable[tuple[str, str]]) -> View:
    """Save a view in an experiment, and return it.

    Raises:
        ConfigError: the name cannot be a view's or is taken, or the view is too long to be kept.
    """
    view = View(
        id=uuid.uuid4().hex,
        name=_unused(_views(store), experiment_id, name),
        page=page,
        query=tuple(query),
        experiment_id=experiment_id,
        experiment="",
    )
    _write(store, view, view.name, view.query)
    return view


def rename_view(store: "Store", view: View, name: str) -> None:
    """Change a view's name.

    Raises:
        ConfigError: the name cannot be a view's or is taken, the view is gone, or MLflow's own UI saved it.
    """
    _refuse_mlflow(view)
    # As it is now: someone else may have changed what it shows.
    known = _views(store)
    present = next((each for each in known if each.id == view.id), None)
    if present is None:
        raise ConfigError(f"The view {cut(view.name, 60)!r} was deleted in the meantime; save it as a new view.")
    others = [each for each in known if each.id != view.id]
    _write(store, present, _unused(others, view.experiment_id, name), present.query)


def overwrite_view(store: "Store", view: View, query: Iterable[tuple[str, str]]) -> None:
    """Replace what a view shows.

    Raises:
        ConfigError: the view is too long to be kept, or MLflow's own UI saved it.
    """
    _write(store, view, view.name, query)


def delete_view(store: "Store", view: View) -> None:
    """Delete a view, if it is still there.

    Raises:
        ConfigError: MLflow's own UI saved it.
    """
    _refuse_mlflow(view)
    store.tag_experiment(view.experiment_id, view.tag, None)


def _views(store: "Store") -> tuple[View, ...]:
    return views_of(store.reader.experiments()).views


def _unused(known: Iterable[View], experiment_id: str, name: str) -> str:
    """Return a name as it is kept, if no other view of the experiment has it."""
    chosen = checked_name(name)
    if any((each.experiment_id, each.name) == (experiment_id, chosen) for each in known if not each.by_mlflow):
        raise ConfigError(
            f"The experiment already has a view {cut(chosen, 60)!r}; choose another name, or open that view and save "
            "its changes."
        )
    return chosen


def _write(store: "Store", view: View, name: str, query: Iterable[tuple[str, str]]) -> None:
    _refuse_mlflow(view)
    value = view_value(name, view.page, query)
    if len(value) > LONGEST_VIEW:
        raise ConfigError(
            f"A view can have at most {count(LONGEST_VIEW)} characters, got {count(len(value))}; choose fewer columns "
            "or compare fewer runs."
        )
    store.tag_experiment(view.experiment_id, view.tag, value)


def _refuse_mlflow(view: View) -> None:
    if view.by_mlflow:
        raise ConfigError("This view was saved in MLflow's UI; change it there, or save it here under another name.")
