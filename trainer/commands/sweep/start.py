"""The sweep command itself: start a sweep from a file, and follow it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainer.commands.check import check_here
from trainer.commands.config_file import read_config_file
from trainer.commands.foreground import caught_interrupts
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json, with_whole_path
from trainer.commands.sweep.check import check_space
from trainer.commands.sweep.document import listed_sweep, summary_line
from trainer.commands.sweep.follow import Follow, best_words, tell_fewer_jobs, worker_of
from trainer.commands.sweep.show import CHOSEN, print_sweep
from trainer.config.search import Pruner, Sampler, SweepFile, load_sweep
from trainer.data import describe
from trainer.execution import is_served
from trainer.execution.control.sweep import start_sweep
from trainer.execution.keras_backend import check_keras_backend
from trainer.execution.timing import seconds_of, to_measure
from trainer.sweeps import Summary, refuse_missing_sampler
from trainer.sweeps.confirmation import confirmations, plan
from trainer.sweeps.preview import duration_words, preview
from trainer.sweeps.records import sweep_trials
from trainer.sweeps.truth import confirmed_lines
from trainer.tracking import Run, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["start"]


def start(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file with a config and `search`, or -.")],
    trials: Annotated[int | None, typer.Option(min=1, help="Number of trials. [default: 50]")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, max=1_000, help="Trials to train at once. [default: 1]")] = None,
    time_: Annotated[
        str | None, typer.Option("--time", metavar="TIME", help="Start no trial after this time, such as 30m.")
    ] = None,
    sampler: Annotated[Sampler | None, typer.Option(help="How values are chosen.")] = None,
    pruner: Annotated[Pruner | None, typer.Option(help="How trials without prospect end early.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the sampler. [default: 0]")] = None,
    confirm: Annotated[
        str | None,
        typer.Option(
            metavar="KxN",
            help="Train the best K again with N fresh seeds each, such as 3x5, or no. [default: a tenth of the trials]",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Train configs that have already finished again.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the space and estimate the time.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Hand the sweep to the worker and return.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Search over configs. Exits with 1 if the sweep failed or was stopped."""
    place = Place.of(home, tracking_uri)
    changes = {"trials": trials, "jobs": jobs, "time": time_, "sampler": sampler, "pruner": pruner, "seed": seed}
    sweep = _read(file, place, changes | {"confirm": confirm})
    if check:
        check_space(place, sweep, as_json=as_json)
        return
    check_keras_backend()
    describe(sweep.config.dataset, home=place.home)
    if queue:
        _look_ahead(place, sweep)
        store, sweep_id = _started(place, sweep, again=again, aloud=not as_json)
        _tell_queued(place, store.get(sweep_id), sweep.settings.jobs, as_json=as_json)
        return
    run = _followed(place, sweep, again=again, aloud=not as_json)
    if as_json:
        print_sweep(place.reader(), run, as_json=True)
    else:
        _report(place, run, sweep)
    if run.status is not Status.FINISHED:
        raise typer.Exit(1)


def _followed(place: Place, sweep: SweepFile, *, again: bool, aloud: bool) -> Run:
    """Start the sweep, with a worker of its own if the home has none, and return its run when it has ended."""
    with worker_of(place, sweep.settings.jobs) as worker:
        _look_ahead(place, sweep)
        # From here on, Ctrl-C stops the sweep.
        with caught_interrupts() as interrupts:
            store, sweep_id = _started(place, sweep, again=again, aloud=aloud)
            return Follow(place, store, sweep, sweep_id, worker=worker).until_it_ends(interrupts)


def _started(place: Place, sweep: SweepFile, *, again: bool, aloud: bool) -> tuple["Store", str]:
    """Start the sweep, and print its id if `aloud`."""
    place.warn()
    store = place.store()
    sweep_id = start_sweep(store, sweep, home=place.home, again=again)
    if aloud:
        # The only line on standard output, so that a script can read the id from it.
        sys.stdout.write(sweep_id + "\n")
        sys.stdout.flush()
    return store, sweep_id


def _look_ahead(place: Place, sweep: SweepFile) -> None:
    """Check the corners and a sample of the space, and report what they have; refuse a space that has nothing else."""
    found = preview(sweep.space, lambda config: check_here(place.home, config))
    # Only what Build or --check has measured: a sweep does not wait for it.
    seconds = seconds_of(place.home, to_measure(found.trainable))
    for sentence in [*found.sentences(), *filter(None, [duration_words(sweep.settings, seconds or [])])]:
        echo(sentence)
    if planned := plan(sweep.settings):
        echo(planned)


def _tell_queued(place: Place, run: Run, jobs: int, *, as_json: bool) -> None:
    if not is_served(place.home):
        echo("No worker is running for this home; start one with `fitboard up` or `fitboard worker`.")
    tell_fewer_jobs(place.home, jobs)
    if as_json:
        print_json(listed_sweep(run))


def _read(file: Path, place: Place, changes: dict[str, Any]) -> SweepFile:
    sweep = load_sweep(read_config_file(file))
    folder = Path() if str(file) == "-" else file.parent
    whole = sweep.with_config(with_whole_path(sweep.config, place.home, folder)).with_settings(
        {name: value for name, value in changes.items() if value is not None}
    )
    refuse_missing_sampler(whole.settings.sampler or Sampler.TPE)
    return whole


def _report(place: Place, run: Run, sweep: SweepFile) -> None:
    summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
    echo(f"{run.status}  {run.title}: {summary_line(summary)}")
    if Tag.FAILURE in run.tags:
        echo(run.tags[Tag.FAILURE])
    if summary.best is not None:
        echo(f"{best_words(summary, sweep)}: run {summary.best_run}")
        reader = place.reader()
        trials = sweep_trials(reader, run, sweep.settings)
        confirmed = confirmed_lines(confirmations(reader, sweep, trials), trials, sweep.settings)
        for line in confirmed or [CHOSEN.format(run.short_id)]:
            echo(line)
        echo(f"`fitboard sweep show {run.short_id}` lists all trials.")
