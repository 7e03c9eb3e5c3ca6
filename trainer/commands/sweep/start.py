"""The sweep command itself: start a sweep from a file, and follow it."""

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from trainer.commands.check import check_here
from trainer.commands.config_file import read_config_file
from trainer.commands.foreground import caught_interrupts
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json, with_whole_path
from trainer.commands.sweep.check import check_space
from trainer.commands.sweep.document import listed_sweep, summary_line
from trainer.commands.sweep.show import print_sweep
from trainer.config.search import Pruner, Sampler, SweepFile, load_sweep
from trainer.data import describe
from trainer.errors import ResourceError, StoreUnreachableError
from trainer.execution import request_stop, worker_alive
from trainer.execution.control.sweep import start_sweep, stop_sweep
from trainer.execution.executors.programs import Program, temporary_worker
from trainer.execution.keras_backend import check_keras_backend
from trainer.format import number
from trainer.sweeps import Summary
from trainer.sweeps.preview import preview
from trainer.sweeps.records import sweep_runs
from trainer.tracking import Run, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["start"]

_LOOK_SECONDS = 0.3


def start(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file with a config and `search`, or -.")],
    trials: Annotated[int | None, typer.Option(min=1, help="Number of trials. [default: 50]")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="Trials to train at once. [default: 1]")] = None,
    time_: Annotated[
        str | None, typer.Option("--time", metavar="TIME", help="Start no trial after this time, such as 30m.")
    ] = None,
    sampler: Annotated[Sampler | None, typer.Option(help="How values are chosen.")] = None,
    pruner: Annotated[Pruner | None, typer.Option(help="How trials without prospect end early.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the sampler. [default: 0]")] = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="KxN", help="Train the best K again with N fresh seeds each, such as 3x5.")
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
    _look_ahead(place, sweep)
    store = place.store()
    sweep_id = start_sweep(store, sweep, home=place.home, again=again)
    if not as_json:
        # The only line on standard output, so that a script can read the id from it.
        sys.stdout.write(sweep_id + "\n")
        sys.stdout.flush()
    if queue:
        _tell_queued(place, store.get(sweep_id), as_json=as_json)
        return
    run = _Follow(place, store, sweep, sweep_id).until_it_ends()
    if as_json:
        print_sweep(place.reader(), run, as_json=True)
    else:
        _report(run, sweep)
    if run.status is not Status.FINISHED:
        raise typer.Exit(1)


def _look_ahead(place: Place, sweep: SweepFile) -> None:
    """Check the corners and a sample of the space, and report what they have; refuse a space that has nothing else."""
    check_keras_backend()
    describe(sweep.config.dataset, home=place.home)
    for sentence in preview(sweep.space, lambda config: check_here(place.home, config)).sentences():
        echo(sentence)


def _tell_queued(place: Place, run: Run, *, as_json: bool) -> None:
    if not worker_alive(place.home):
        echo("No worker is running for this home; start one with `fitboard up` or `fitboard worker`.")
    if as_json:
        print_json(listed_sweep(run))


def _read(file: Path, place: Place, changes: dict[str, Any]) -> SweepFile:
    sweep = load_sweep(read_config_file(file))
    folder = Path() if str(file) == "-" else file.parent
    return sweep.with_config(with_whole_path(sweep.config, place.home, folder)).with_settings(
        {name: value for name, value in changes.items() if value is not None}
    )


class _Follow:
    """A sweep in the foreground. Ctrl-C stops it, a second Ctrl-C kills its trials."""

    def __init__(self, place: Place, store: "Store", sweep: SweepFile, sweep_id: str) -> None:
        self._place, self._store, self._sweep, self._id = place, store, sweep, sweep_id

    def until_it_ends(self) -> Run:
        """Show the progress until the sweep has ended, with a worker of its own if the home has none."""
        with caught_interrupts() as interrupts, self._worker() as worker, _bar(self._sweep.settings.trials) as bar:
            heard = 0
            while True:
                run = self._look()
                if run is not None:
                    _draw(bar, run, self._sweep)
                    if run.status.ended:
                        return run
                if len(interrupts) > heard:
                    heard += 1
                    self._stop(kill=heard > 1)
                if worker is not None and not worker.is_alive():
                    raise ResourceError(
                        f"The worker ended unexpectedly; see {self._place.home.logs / 'worker.log'}. "
                        f"`fitboard worker` continues the sweep {self._id}."
                    )
                time.sleep(_LOOK_SECONDS)

    @contextlib.contextmanager
    def _worker(self) -> Iterator[Program | None]:
        home, jobs = self._place.home, self._sweep.settings.jobs
        if worker_alive(home):
            yield None
            return
        with temporary_worker(home, self._place.tracking_uri, jobs=jobs) as worker:
            yield worker

    def _look(self) -> Run | None:
        """Return the run of the sweep; None while the store does not respond."""
        with contextlib.suppress(StoreUnreachableError):
            return self._store.get(self._id)
        return None

    def _stop(self, *, kill: bool) -> None:
        run = self._look()
        if run is None or run.status.ended:
            return
        if not kill:
            echo("Stopping: running trials are evaluated and saved. Press Ctrl-C again to kill them.")
            stop_sweep(self._store, run, home=self._place.home)
            return
        for trial in sweep_runs(self._store.reader, self._id, (Status.SCHEDULED, Status.RUNNING)):
            request_stop(self._store, trial, home=self._place.home, kill=True)


@contextlib.contextmanager
def _bar(trials: int) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[best]}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        bar.add_task("starting", total=trials, best="")
        yield bar


def _draw(bar: Progress, run: Run, sweep: SweepFile) -> None:
    summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
    done = summary.trials - summary.running
    bar.update(
        bar.task_ids[0],
        description=f"trial {min(done + 1, sweep.settings.trials)}/{sweep.settings.trials}",
        completed=sweep.settings.trials if run.status is Status.FINISHED else done,
        best=_best(summary, sweep),
    )


def _best(summary: Summary, sweep: SweepFile) -> str:
    if summary.best is None:
        return ""
    results = zip(sweep.settings.objective, summary.results, strict=False)
    return f"best {', '.join(f'{name} {number(value)}' for name, value in results)} (trial {summary.best})"


def _report(run: Run, sweep: SweepFile) -> None:
    summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
    echo(f"{run.status}  {run.title}: {summary_line(summary)}")
    if Tag.FAILURE in run.tags:
        echo(run.tags[Tag.FAILURE])
    if summary.best is not None:
        echo(f"{_best(summary, sweep)}: run {summary.best_run}")
        echo(f"`fitboard sweep show {run.short_id}` lists all trials.")
