"""The tag command."""

from collections.abc import Sequence
from typing import Annotated

import typer

from trainer.commands.answers import RunsArgument, answer, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption
from trainer.errors import ConfigError
from trainer.format import cut
from trainer.tracking import Run
from trainer.tracking.write import annotations

__all__ = ["tag"]


def tag(
    runs: RunsArgument,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a tag, such as team=vision; may be repeated."),
    ] = None,
    removed: Annotated[
        list[str] | None, typer.Option("--remove", metavar="NAME", help="Remove a tag; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Set and remove tags of runs, whichever program logged them."""
    added = _parsed(settings or ())
    if not (added or removed):
        raise ConfigError("There is nothing to change; give --set NAME=VALUE or --remove NAME.")
    place = Place.of(home, tracking_uri)
    found = found_runs(place, runs)
    store = place.store()

    def change(run: Run) -> None:
        annotations.remove_tags(store, run, removed or ())
        for name, value in added:
            annotations.set_tag(store, run, name, value)

    answer(place, found, change, "Tagged {}.", as_json=as_json)


def _parsed(settings: Sequence[str]) -> list[tuple[str, str]]:
    """Return names and values, all of which MLflow accepts."""
    for setting in settings:
        if "=" not in setting:
            raise ConfigError(f"A tag must have the form NAME=VALUE, got {cut(setting, 40)!r}.")
    pairs = (setting.partition("=") for setting in settings)
    return [annotations.checked_tag(name, value) for name, _, value in pairs]
