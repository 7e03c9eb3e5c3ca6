"""The rename command."""

from typing import Annotated

import typer

from trainer.commands.answers import RunsArgument, answer, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption
from trainer.tracking.write import annotations

__all__ = ["rename"]


def rename(
    runs: RunsArgument,
    to: Annotated[
        str, typer.Option("--to", metavar="NAME", help="The new name; {n} in it becomes 1, 2, … in the order given.")
    ],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Rename runs, whichever program logged them."""
    annotations.checked_name(to)
    place = Place.of(home, tracking_uri)
    found = found_runs(place, runs)
    store = place.store()
    names = {run.run_id: annotations.numbered_name(to, number) for number, run in enumerate(found, 1)}
    answer(place, found, lambda run: annotations.rename(store, run, names[run.run_id]), "Renamed {}.", as_json=as_json)
