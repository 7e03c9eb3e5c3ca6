"""The delete command."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from trainer.commands.answers import RunsArgument, answer, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo
from trainer.errors import ConfigError
from trainer.execution.control import removal
from trainer.tracking import Run

__all__ = ["delete"]


def delete(
    runs: RunsArgument,
    permanently: Annotated[
        bool, typer.Option("--permanently", help="Delete the runs with their artifacts, models and checkpoints.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting permanently.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Delete runs; `fitboard restore` undoes it. With --permanently, also free the disk space; that cannot be undone.

    Exits with 2 if a run was refused, for example because it has not ended.
    """
    place = Place.of(home, tracking_uri)
    found = found_runs(place, runs, deleted=permanently)
    store = place.store()
    if not permanently:
        answer(place, found, lambda run: removal.delete(store, run), "Deleted {}.", as_json=as_json)
        return
    if not _confirmed(place, found, yes=yes):
        echo("Nothing was deleted.")
        raise typer.Exit(1)
    answer(
        place,
        found,
        lambda run: removal.remove(store, run, home=place.home),
        "Permanently deleted {}.",
        as_json=as_json,
        gone=True,
    )


def _confirmed(place: Place, runs: Sequence[Run], *, yes: bool) -> bool:
    """Say what is removed and what stays, and ask once."""
    if not yes and not sys.stdin.isatty():
        raise ConfigError("Permanent deletion must be confirmed; use a terminal, or give --yes.")
    frees = removal.footprint(place.store(), runs, place.home)
    if frees.runs:
        echo(" ".join([frees.sentence, *frees.stays]))
    # Nothing to ask about if all are refused, which the answer then says.
    return yes or not frees.runs or typer.confirm("Delete permanently?", err=True)
