"""The stop command."""

from typing import Annotated

import typer

from trainer.commands.json_output import brief
from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, echo, print_json
from trainer.execution import request_stop

__all__ = ["stop"]


def stop(
    run: RunArgument,
    kill: Annotated[bool, typer.Option("--kill", help="Kill the process immediately, without an evaluation.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Ask a run to finish its step, evaluate, save and end; `fitboard resume` continues it."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    outcome = request_stop(place.store(), found, home=place.home, kill=kill)
    if as_json:
        print_json(brief(place.reader(), found.run_id))
    echo(outcome.sentence(found.run_id))
