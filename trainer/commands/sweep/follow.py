"""Follow a sweep in the foreground: its worker, its progress, and Ctrl-C."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from trainer.commands.options import Place, echo
from trainer.config.search import SweepFile
from trainer.errors import ResourceError, StoreUnreachableError
from trainer.execution import request_stop, worker_alive
from trainer.execution.control.sweep import stop_sweep
from trainer.execution.executors.programs import Program, temporary_worker
from trainer.execution.lock import holder_of
from trainer.execution.queue.enqueue import worker_jobs
from trainer.format import counted, number
from trainer.home import Home
from trainer.sweeps import Summary
from trainer.sweeps.records import sweep_runs
from trainer.tracking import Run, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Follow", "best_words", "tell_fewer_jobs", "worker_of"]

_LOOK_SECONDS = 0.3
_READY_SECONDS = 0.05
_MOST_INTERRUPTS = 2


@contextlib.contextmanager
def worker_of(place: Place, jobs: int) -> Iterator[Program | None]:
    """Have a worker while the context lasts: None if the home has one, else one that ends with the context.

    It is ready then, so that its inspector answers, and TensorFlow is imported only once.

    Raises:
        ResourceError: it ended while it started.
    """
    home = place.home
    if worker_alive(home):
        tell_fewer_jobs(home, jobs)
        yield None
        return
    with temporary_worker(home, place.tracking_uri, jobs=jobs) as worker:
        echo("Starting a worker for this sweep.")
        while worker.is_alive() and (holder_of(home.worker_lock) or {}).get("state") != "ready":
            time.sleep(_READY_SECONDS)
        if not worker.is_alive():
            raise ResourceError(f"The worker ended while it started; see {home.logs / 'worker.log'}.")
        yield worker


def tell_fewer_jobs(home: Home, jobs: int) -> None:
    """Say so if the worker of the home trains fewer runs at once than the sweep has trials at once."""
    at_once = worker_jobs(home)
    if at_once is not None and at_once < jobs:
        runs = counted(at_once, "run")
        echo(f"The worker of this home trains {runs} at a time, so {jobs} trials are not trained at once.")


class Follow:
    """A sweep in the foreground. Ctrl-C stops it, a second Ctrl-C kills its trials."""

    def __init__(
        self, place: Place, store: "Store", sweep: SweepFile, sweep_id: str, *, worker: Program | None
    ) -> None:
        """`worker` is the one that was started for it, if any."""
        self._place, self._store, self._sweep, self._id = place, store, sweep, sweep_id
        self._worker, self._is_away = worker, False

    def until_it_ends(self, interrupts: Sequence[int]) -> Run:
        """Show the progress until the sweep has ended; `interrupts` grows with each Ctrl-C.

        Raises:
            ResourceError: its worker ended.
            StoreUnreachableError: Ctrl-C was pressed three times while the store did not respond.
        """
        with _bar(self._sweep.settings.trials) as bar:
            heard = 0
            while True:
                run = self._look()
                if run is not None:
                    _draw(bar, run, self._sweep)
                    if run.status.ended:
                        return run
                if len(interrupts) > heard:
                    heard += self._has_heard(interrupts, kill=heard > 0)
                if self._worker is not None and not self._worker.is_alive():
                    raise ResourceError(
                        f"The worker ended unexpectedly; see {self._place.home.logs / 'worker.log'}. "
                        f"`fitboard worker` continues the sweep {self._id}."
                    )
                time.sleep(_LOOK_SECONDS)

    def _look(self) -> Run | None:
        """Return the run of the sweep; None while the store does not respond."""
        with contextlib.suppress(StoreUnreachableError):
            return self._store.get(self._id)
        return None

    def _has_heard(self, interrupts: Sequence[int], *, kill: bool) -> bool:
        """Stop the sweep or kill its trials; return whether that reached the store. A third Ctrl-C gives up."""
        try:
            run = self._store.get(self._id)
            if not run.status.ended:
                self._kill() if kill else self._stop(run)
        except StoreUnreachableError as error:
            if len(interrupts) > _MOST_INTERRUPTS:
                raise
            if not self._is_away:
                echo(f"{error} The sweep is stopped once it responds; press Ctrl-C three times to leave it running.")
            self._is_away = True
            return False
        return True

    def _stop(self, run: Run) -> None:
        stop_sweep(self._store, run, home=self._place.home)
        echo("Stopping: running trials are evaluated and saved. Press Ctrl-C again to kill them.")

    def _kill(self) -> None:
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
    words = f"trial {min(done + 1, sweep.settings.trials)}/{sweep.settings.trials}"
    if summary.confirming:
        words = f"confirming {min(summary.confirmed + 1, summary.confirming)}/{summary.confirming}"
    bar.update(
        bar.task_ids[0],
        description=words,
        completed=sweep.settings.trials if run.status is Status.FINISHED else done,
        best=best_words(summary, sweep),
    )


def best_words(summary: Summary, sweep: SweepFile) -> str:
    """Return the best trial so far in words; empty if none is complete."""
    if summary.best is None:
        return ""
    results = zip(sweep.settings.objective, summary.results, strict=False)
    return f"best {', '.join(f'{name} {number(value)}' for name, value in results)} (trial {summary.best})"
