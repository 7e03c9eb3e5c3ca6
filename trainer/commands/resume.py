"""resume: goes on with a run that ended."""

import sys
from typing import Annotated

import typer

from trainer.commands.json_output import brief
from trainer.commands.options import (
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    RunArgument,
    TimeLimitOption,
    UriOption,
    echo,
    print_json,
)
from trainer.execution import Limits, worker_alive
from trainer.execution.control.resume import extend
from trainer.execution.control.resume import resume as go_on
from trainer.execution.process.attempts import kept

__all__ = ["report_queued", "resume"]


def resume(
    run: RunArgument,
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Make a new run that goes on until it has so many epochs.")
    ] = None,
    time_limit: TimeLimitOption = None,
    memory_limit: MemoryLimitOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Go on with a run that was stopped or failed, from its checkpoint; with --epochs as a new, longer run.

    A limit that ended it is lifted, where no other is given; time is counted over all that it was at work.
    """
    limits = Limits.read(time_limit, memory_limit)
    place = Place.of(home, tracking_uri)
    found, store = place.run(run), place.store()
    if epochs is None:
        go_on(store, found, home=place.home, limits=limits)
        run_id = found.run_id
    else:
        run_id = extend(store, found, epochs=epochs, home=place.home, limits=limits)
    report_queued(place, run_id, as_json=as_json)


def report_queued(place: Place, run_id: str, *, as_json: bool) -> None:
    """Says that a run was queued, and from where it goes on."""
    echo(f"Queued {run_id}; it goes on {kept(place.home.run(run_id))}.")
    if not worker_alive(place.home):
        echo("No worker runs on this home; `fitboard up` or `fitboard worker` starts one.")
    if as_json:
        print_json(brief(place.reader(), run_id))
    else:
        sys.stdout.write(run_id + "\n")
