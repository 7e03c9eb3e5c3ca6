"""One run in the foreground: its process, its progress bar, and Ctrl-C."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from trainer.commands.common import Place, tell
from trainer.config import Config
from trainer.execution import enqueue, queue_name
from trainer.execution.endings import reason_of
from trainer.execution.executors import Job
from trainer.execution.identity import owner_of
from trainer.reproduce import recorded_threads
from trainer.tracking import Run, RunReader, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.store import Store

__all__ = ["train_here"]

_LOOK_SECONDS = 0.2


def train_here(
    place: Place, config: Config, *, rerun_of: str | None = None, threads: Mapping[str, int] | None = None
) -> Run:
    """Trains the config in a process of its own and waits for it. Ctrl-C stops the run, a second one kills it.

    `threads` (`intra`, `inter`) are by default those of the run that it repeats.
    """
    store = place.store()
    process_queue = f"{queue_name(place.home)}/foreground"
    run_id = enqueue(store, config, queue=process_queue, rerun_of=rerun_of)
    tell(f"Run {run_id}")
    store.set_status(run_id, Status.RUNNING)
    job = Job(
        run_id=run_id,
        home=place.home.path,
        tracking_uri=place.tracking_uri,
        config=config.canonical_json(),
        runs_at_once=1,
        threads=threads or recorded_threads(store.reader, store.get(run_id)),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "trainer.execution.training", job.dumps()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    store.set_tags(run_id, {Tag.OWNER: owner_of(process.pid).dumps()})
    reader = place.reader()
    _follow(process, reader, store, run_id)
    return _ended(process, reader, store, place, run_id)


def _follow(process: "subprocess.Popen[bytes]", reader: RunReader, store: "Store", run_id: str) -> None:
    asked = 0
    with _bar() as (bar, task), _interrupts() as interrupts:
        while process.poll() is None:
            if len(interrupts) > asked:
                asked = len(interrupts)
                _interrupted(process, store, run_id, asked)
            _draw(bar, task, reader.get([run_id])[0])
            time.sleep(_LOOK_SECONDS)
        _draw(bar, task, reader.get([run_id])[0])


def _interrupted(process: "subprocess.Popen[bytes]", store: "Store", run_id: str, times: int) -> None:
    if times == 1:
        tell("Stopping: the step under way is finished, then the run is evaluated and saved. Ctrl-C again kills it.")
        store.set_tags(run_id, {Tag.STOP: "requested"})
    else:
        process.kill()


def _ended(process: "subprocess.Popen[bytes]", reader: RunReader, store: "Store", place: Place, run_id: str) -> Run:
    run = reader.get([run_id])[0]
    if run.status is Status.RUNNING:
        reason = reason_of(process.returncode, place.home.run(run_id) / "log.txt")
        store.set_tags(run_id, {Tag.FAILURE: reason})
        store.set_status(run_id, Status.FAILED)
        run = reader.get([run_id])[0]
    if run.status is Status.FAILED:
        tell(run.tags.get(Tag.FAILURE, "The run failed; its log says why."))
    return run


def _draw(bar: Progress, task: TaskID, run: Run) -> None:
    progress = run.progress
    if progress is None:
        return
    values = "  ".join(f"{name} {value:.4f}" for name, value in list(progress.values.items())[:3])
    words = progress.phase or f"epoch {min(progress.epoch + 1, progress.epochs)}/{progress.epochs}"
    share = 1.0 if run.status is Status.FINISHED else progress.share
    bar.update(task, completed=share, description=words, values=values)


@contextlib.contextmanager
def _bar() -> Iterator[tuple[Progress, TaskID]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[values]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield bar, bar.add_task("Keras is loading", total=1.0, values="")


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Ctrl-C is written down instead of raised."""
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
