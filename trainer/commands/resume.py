"""The resume command."""

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
from trainer.execution import Limits, is_served
from trainer.execution.control.resume import extend
from trainer.execution.control.resume import resume as go_on
from trainer.execution.process.attempts import kept

__all__ = ["report_queued", "resume"]


def resume(
    run: RunArgument,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, help="Create a new run that continues to this total number of epochs."),
    ] = None,
    time_limit: TimeLimitOption = None,
    memory_limit: MemoryLimitOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Resume a stopped or failed run from its checkpoint; with --epochs, continue it as a new, longer run.

    A limit that ended the run is removed unless another is given. The time limit applies to the total running time.
    """
    # Read first, because opening the store may create or upgrade it.
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
    """Report that a run was queued, and where it resumes."""
    echo(f"Queued {run_id}; it resumes {kept(place.home.run(run_id))}.")
    if not is_served(place.home):
        echo("No worker is running for this home; start one with `fitboard up` or `fitboard worker`.")
    if as_json:
        print_json(brief(place.reader(), run_id))
    else:
        sys.stdout.write(run_id + "\n")
