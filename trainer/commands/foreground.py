"""Train one run in the foreground: its process, its progress bar, and Ctrl-C."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

from trainer.commands.options import Place, echo
from trainer.config import Config, Vary
from trainer.errors import FitboardError, StoreUnreachableError
from trainer.execution import NO_LIMITS, Limits, enqueue
from trainer.execution.executors.base import Executor
from trainer.execution.executors.local import LocalExecutor
from trainer.execution.executors.programs import CheckedProgram
from trainer.execution.process.attempts import kept, note_attempt
from trainer.execution.process.handover import trained_in
from trainer.execution.process.job import Job
from trainer.execution.process.recovery import Death, Recovery, recover
from trainer.execution.process.transitions import end_run
from trainer.execution.queue.enqueue import foreground_queue
from trainer.execution.worker.memory_guard import MemoryGuard
from trainer.format import number
from trainer.reproduce.verify import repeated_threads
from trainer.tracking import Run, Status, Tag
from trainer.tracking.record.notes import ask_to_stop_here

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["caught_interrupts", "train_here"]

_LOOK_SECONDS = 0.2
_AWAY_SECONDS = 1.0
_LOADING = "loading Keras"


def train_here(
    place: Place,
    config: Config,
    *,
    rerun_of: str | None = None,
    threads: Mapping[str, int] | None = None,
    limits: Limits = NO_LIMITS,
    seeded: bool = False,
    vary: Vary = Vary.SEED,
    data: str | None = None,
) -> Run:
    """Train the config in its own process and wait for it. Ctrl-C stops the run, a second Ctrl-C kills it.

    `threads` (`intra`, `inter`) default to those of the run that it repeats; `seeded`, `vary` and `data` are
    passed to `enqueue`.

    Raises:
        ConfigError: If the check refuses the config; no run is created then.
    """
    if threads is None and rerun_of is not None:
        threads = repeated_threads(place.reader(), rerun_of, config.digest)
    canonical, home, uri = config.with_data_at(data).canonical_json(), place.home.path, place.tracking_uri
    with _bar() as (bar, task), CheckedProgram(canonical, home=home, tracking_uri=uri, threads=threads) as process:
        # Opened while the training process imports TensorFlow.
        store = place.store()
        # Before the run is created, so that a refused config leaves no run behind.
        process.refuse_impossible()
        with caught_interrupts() as interrupts:
            how: dict[str, Any] = {"rerun_of": rerun_of, "limits": limits, "seeded": seeded, "vary": vary, "data": data}
            run_id = enqueue(store, config, queue=foreground_queue(place.home), **how)
            echo(f"Run {run_id}")
            store.set_status(run_id, Status.RUNNING)
            job = Job(run_id=run_id, home=home, tracking_uri=uri, config=canonical, threads=threads, checked=True)
            foreground = _Foreground(
                place,
                store,
                job,
                executor=LocalExecutor(process.start),
                bar=lambda run: _draw(bar, task, run),
                interrupts=interrupts,
            )
            run = foreground.train()
        _draw(bar, task, run)
    _tell_failure(run)
    return run


def _tell_failure(run: Run) -> None:
    if run.status is Status.FAILED or Tag.FAILURE in run.tags:
        echo(run.tags.get(Tag.FAILURE, "The run failed; see its log."))


class _Foreground:
    """One run and the process that trains it, which is replaced if it dies unexpectedly."""

    def __init__(
        self,
        place: Place,
        store: "Store",
        job: Job,
        *,
        executor: Executor,
        bar: Callable[[Run], None],
        interrupts: Sequence[int],
    ) -> None:
        self._store, self._job, self._bar, self._interrupts = store, job, bar, interrupts
        self._reader, self._home = place.reader(), place.home
        self._folder = place.home.run(job.run_id)
        self._heard = 0
        self._killed = False
        self._executor = executor
        self._guard = MemoryGuard(executor.memory_used)
        self._guard.watch(job.run_id, Limits.of(store.get(job.run_id)))

    def train(self) -> Run:
        """Train until the run ends; restart up to three times, as the worker does."""
        while True:
            exit_code = self._train_once()
            run = self._once_the_store_answers(self._run)
            breach = self._guard.breach(self._job.run_id)
            death = Death.seen(self._folder, exit_code, killed=self._killed, breach=breach)
            recovery = recover(run, death)
            if recovery.status is None:
                return run
            if recovery.status.ended:
                return self._end(recovery.status, recovery)
            if recovery.attempt:
                note_attempt(self._folder, recovery.attempt)
            echo(f"{death.reason} The run resumes {kept(self._folder)}{recovery.counted}.")

    def _train_once(self) -> int | None:
        run_id = self._job.run_id
        owner = self._executor.submit(self._job)
        with contextlib.suppress(StoreUnreachableError):  # the training process writes the tag too
            self._store.set_tags(run_id, {Tag.OWNER: owner.dumps(), Tag.HOME: trained_in(self._home).dumps()})
        while not (ended := self._executor.ended()):
            self._hear()
            if self._guard.look():
                self._executor.cancel(run_id)
            self._show()
            time.sleep(_LOOK_SECONDS)
        self._show()
        return ended[0].exit_code

    def _hear(self) -> None:
        if len(self._interrupts) == self._heard:
            return
        self._heard += 1
        if self._heard > 1:
            self._killed = True
            self._executor.cancel(self._job.run_id)
            return
        echo("Stopping after this step; the run will then be evaluated and saved. Press Ctrl-C again to kill it.")
        try:
            self._store.set_tags(self._job.run_id, {Tag.STOP: "requested"})
        except StoreUnreachableError:
            ask_to_stop_here(self._folder)

    def _run(self) -> Run:
        return self._reader.get([self._job.run_id])[0]

    def _show(self) -> None:
        with contextlib.suppress(StoreUnreachableError):
            self._bar(self._run())

    def _once_the_store_answers(self, question: Callable[[], Run]) -> Run:
        """Retry until the store responds; another Ctrl-C leaves the run as it is."""
        reported, before = False, len(self._interrupts)
        while True:
            try:
                return question()
            except StoreUnreachableError as error:
                if len(self._interrupts) > before:
                    raise
                if not reported:
                    echo(f"{error} Metrics are kept on this machine's disk and sent once the store responds.")
                reported = True
                time.sleep(_AWAY_SECONDS)

    def _end(self, status: Status, recovery: Recovery) -> Run:
        def end() -> Run:
            failure, stop = recovery.failure, recovery.stop
            end_run(self._store, self._job.run_id, status, home=self._home, failure=failure, stop=stop)
            return self._run()

        return self._once_the_store_answers(end)


def _draw(bar: Progress, task: TaskID, run: Run) -> None:
    """Draw the progress, or the phase before the first step; hide the bar if the run ended before that."""
    progress = run.progress
    if progress is None or not progress.epochs:
        words = progress.phase if progress is not None else ""
        bar.update(task, description=words or _LOADING, visible=not run.status.ended)
        return
    values = "  ".join(f"{name} {number(value)}" for name, value in list(progress.values.items())[:3])
    # `progress.epoch` counts complete epochs, so the current one has the next number.
    is_within = bool(progress.step) or not run.status.ended
    epoch = min(progress.epoch + 1, progress.epochs) if is_within else progress.epoch
    words = f"epoch {epoch}/{progress.epochs}"
    if progress.phase and not run.status.ended:
        words = progress.phase
    share = 1.0 if run.status is Status.FINISHED else progress.share
    bar.update(task, completed=share, description=words, values=values, trains=True)


class _TrainingBar(BarColumn):
    """A bar that appears with the first step."""

    def render(self, task: Task) -> ProgressBar | Text:  # type: ignore[override] # any renderable may stand in a column
        """Return the bar, or empty text."""
        return super().render(task) if task.fields["trains"] else Text()


@contextlib.contextmanager
def _bar() -> Iterator[tuple[Progress, TaskID]]:
    columns = (
        TextColumn("{task.description}"),
        _TrainingBar(),
        TextColumn("{task.fields[values]}"),
        TimeRemainingColumn(),
    )
    # Standard output is reserved for the run's id or its JSON document.
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(_LOADING, total=1.0, values="", trains=False)
        try:
            yield bar, task
        except (FitboardError, KeyboardInterrupt):
            # A bar that stays on the screen would look as if the run went on.
            bar.update(task, visible=False)
            raise


@contextlib.contextmanager
def caught_interrupts() -> Iterator[list[int]]:
    """Record Ctrl-C instead of raising KeyboardInterrupt."""
    caught: list[int] = []
    # KeyboardInterrupt could be raised anywhere, even in the middle of writing to the store.
    before = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
