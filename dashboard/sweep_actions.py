"""Actions on sweeps: start, pause, continue, stop, add trials, confirm. All are refused to who may not run anything."""

from collections.abc import Callable

from dashboard import loaders
from dashboard.access.people import Role
from dashboard.access.rights import name_of_person, permit
from dashboard.loaders import checks, datasets, search_space
from trainer.config.search import SweepFile
from trainer.errors import ConfigError
from trainer.execution.control import sweep as control
from trainer.home import Home
from trainer.tracking import Run

__all__ = ["add", "confirm", "go_on", "pause", "start", "stop"]


def pause(run: Run) -> None:
    """Start no further trials; running ones finish. Raises ConfigError if the sweep has ended."""
    _do("pause sweeps", run, lambda home: control.pause_sweep(loaders.store(), run, home=home))


def go_on(run: Run) -> None:
    """Continue a sweep that was paused or stopped, or that failed. Raises ConfigError if nothing is left to do."""
    _do("continue sweeps", run, lambda home: control.continue_sweep(loaders.store(), run, home=home))


def stop(run: Run) -> None:
    """Stop the running trials, which are evaluated and saved, and end the sweep. Raises ConfigError if it has ended."""
    _do("stop sweeps", run, lambda home: control.stop_sweep(loaders.store(), run, home=home))


def add(run: Run, count: int) -> None:
    """Add trials to a sweep, which continues if it has ended. Raises ConfigError if there would be too many."""
    _do("add trials to sweeps", run, lambda home: control.add_trials(loaders.store(), run, count, home=home))


def confirm(run: Run, best: int, seeds: int) -> None:
    """Train the best trials again with fresh seeds; a sweep that has ended continues for that."""
    how = f"{best}x{seeds}"
    _do("confirm the winners of sweeps", run, lambda home: control.confirm_sweep(loaders.store(), run, how, home=home))


def start(sweep: SweepFile, *, again: bool = False) -> str:
    """Start a sweep and return its id; with `again`, configs that have already finished are trained again.

    Raises:
        ConfigError: nothing in its space can be trained, or its sampler needs a package that is not installed.
        DataError: its data cannot be read.
        AccessError: the person may not start sweeps.
        StoreError: the store refuses it or does not respond.
    """
    permit("start sweeps", Role.RUN, [sweep.config.experiment])
    datasets.schema(sweep.config.dataset)
    found = search_space.space_preview(sweep)
    if found is None:
        # Waits until Keras is loaded; a base config that cannot be trained need not be in the space.
        checks.await_report(sweep.config)
        found = search_space.space_preview(sweep)
    if isinstance(found, str):
        raise ConfigError(found)
    return control.start_sweep(loaders.store(), sweep, home=loaders.context().home, again=again, user=name_of_person())


def _do(what: str, run: Run, action: Callable[[Home], object]) -> None:
    permit(what, Role.RUN, [run.run_id])
    action(loaders.context().home)
