"""resume, adopt: what goes on with runs that ended or were lost."""

import sys
from typing import Annotated

import typer

from trainer.commands.common import (
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    RunArgument,
    TimeLimitOption,
    UriOption,
    answer,
    tell,
)
from trainer.commands.documents import brief
from trainer.execution import Limits, worker_alive
from trainer.execution.attempts import kept
from trainer.execution.resuming import adopt as take_over
from trainer.execution.resuming import extend
from trainer.execution.resuming import resume as go_on

__all__ = ["adopt", "resume"]


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
    _tell_queued(place, run_id, as_json=as_json)


def adopt(
    run: RunArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Take over a run whose process is gone, from another host too, and train it here to its end."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    take_over(place.store(), found, home=place.home)
    _tell_queued(place, found.run_id, as_json=as_json)


def _tell_queued(place: Place, run_id: str, *, as_json: bool) -> None:
    tell(f"Queued {run_id}; it goes on {kept(place.home.run(run_id))}.")
    if not worker_alive(place.home):
        tell("No worker runs on this home; `fitboard up` or `fitboard worker` starts one.")
    if as_json:
        answer(brief(place.reader(), run_id))
    else:
        sys.stdout.write(run_id + "\n")
