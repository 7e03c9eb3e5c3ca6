"""The commands that change a sweep: pause, go-on, stop, add, confirm."""

from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.commands.sweep.document import SweepArgument, find_sweep, listed_sweep
from trainer.config.search import UNCONFIRMED
from trainer.execution.control.sweep import add_trials, confirm_sweep, continue_sweep, pause_sweep, stop_sweep
from trainer.format import counted
from trainer.tracking import Run

__all__ = ["add", "confirm", "go_on", "pause", "stop"]


def pause(
    sweep: SweepArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Start no further trials; those that are running finish. `fitboard sweep go-on` continues."""
    place, run = _found(sweep, home, tracking_uri)
    pause_sweep(place.store(), run, home=place.home)
    _tell(place, run, f"Sweep {run.short_id} is paused; running trials finish.", as_json=as_json)


def go_on(
    sweep: SweepArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Continue a sweep that was paused or stopped, or that failed."""
    place, run = _found(sweep, home, tracking_uri)
    continue_sweep(place.store(), run, home=place.home)
    _tell(place, run, f"Sweep {run.short_id} continues.", as_json=as_json)


def stop(
    sweep: SweepArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Stop the running trials, which are evaluated and saved, and end the sweep."""
    place, run = _found(sweep, home, tracking_uri)
    stop_sweep(place.store(), run, home=place.home)
    _tell(place, run, f"Sweep {run.short_id} is being stopped.", as_json=as_json)


def add(
    sweep: SweepArgument,
    trials: Annotated[int, typer.Argument(min=1, max=100_000, help="Number of trials to add.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Add trials to a sweep; one that has ended continues."""
    place, run = _found(sweep, home, tracking_uri)
    wanted = add_trials(place.store(), run, trials, home=place.home)
    _tell(place, run, f"Sweep {run.short_id} now has {counted(wanted, 'trial')}.", as_json=as_json)


def confirm(
    sweep: SweepArgument,
    how: Annotated[str, typer.Argument(metavar="KxN", help="Best trials and fresh seeds of each, such as 3x5, or no.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Train the best trials again with fresh seeds; `fitboard sweep show` lists what they really reach."""
    place, run = _found(sweep, home, tracking_uri)
    confirm_sweep(place.store(), run, how, home=place.home)
    is_off = how == UNCONFIRMED
    told = "will not be trained again" if is_off else "will be trained with fresh seeds"
    _tell(place, run, f"The best trials of sweep {run.short_id} {told}.", as_json=as_json)


def _found(sweep: str, home: HomeOption, tracking_uri: UriOption) -> tuple[Place, Run]:
    place = Place.of(home, tracking_uri)
    return place, find_sweep(place.reader(), sweep)


def _tell(place: Place, run: Run, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(listed_sweep(place.reader().get([run.run_id])[0]))
    echo(sentence)
