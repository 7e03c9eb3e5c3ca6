"""The queue: MLflow runs with status SCHEDULED, taken by one worker a home."""

import contextlib
import os
import signal
import socket
import time
from typing import TYPE_CHECKING

from trainer.config import Config, dump_config
from trainer.errors import StoreUnreachableError
from trainer.execution.identity import is_alive, owner_of
from trainer.execution.limits import NO_LIMITS, Limits
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking.params import params_of
from trainer.tracking.stopping import ask_to_stop_here
from trainer.tracking.types import Run, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.store import Store

__all__ = [
    "KILL",
    "enqueue",
    "foreground_queue",
    "new_place",
    "queue_name",
    "request_stop",
    "wake_worker",
    "worker_alive",
    "worker_jobs",
]

KILL = "kill"
"""The value of `fitboard.stop` that asks for more than a Stop."""

_FOREGROUND = "/foreground"
_LONGEST_TAG = 8_000
"""MLflow cuts longer tags without a word."""


def queue_name(home: Home) -> str:
    """The queue of this home's worker: `host/home-id`."""
    return f"{socket.gethostname()}/{home.id}"


def foreground_queue(home: Home) -> str:
    """The queue of this home's runs in the foreground, each trained by the command that queued it."""
    return queue_name(home) + _FOREGROUND


def enqueue(
    store: "Store",
    config: Config,
    *,
    queue: str,
    rerun_of: str | None = None,
    resumed_from: str | None = None,
    limits: Limits = NO_LIMITS,
) -> str:
    """Makes a run of the config for the worker of that queue, and gives back its id.

    One in the foreground is this process's own: its tag says so from the beginning, however soon this process dies.
    `rerun_of` and `resumed_from` are ids of runs that it repeats, or goes on from with more epochs.

    Raises:
        StoreError: the store refuses it or does not answer; nothing is queued then.
    """
    canonical = config.canonical_json()
    tags: dict[str, str] = {
        Tag.CONFIG_DIGEST: config.digest,
        Tag.GROUP: config.group,
        Tag.QUEUE: queue,
        Tag.PLACE: new_place(),
        **limits.tags(),
    }
    if len(canonical) <= _LONGEST_TAG:
        tags[Tag.CONFIG] = canonical
    if queue.endswith(_FOREGROUND):
        tags[Tag.COMMAND] = owner_of().dumps()
    if rerun_of:
        tags[Tag.RERUN_OF] = rerun_of
    if resumed_from:
        tags[Tag.RESUMED_FROM] = resumed_from
    return store.create(
        config_text=dump_config(config),
        experiment=config.experiment,
        name=config.name,
        tags=tags,
        params=params_of(config),
    )


def new_place() -> str:
    """The value of `fitboard.place` of a run that is queued now: behind all others."""
    return f"{time.time() * 1000:.3f}"


def request_stop(store: "Store", run: Run, *, home: Home, kill: bool = False) -> None:
    """Asks a run to finish its step, evaluate, save and end; with `kill` its process is ended at once instead.

    One that nobody would hear for is ended here: still queued where no worker runs, or without a living process.
    While the store is away, a process of this home hears of a Stop through the run's folder.
    """
    lives = run.owner is not None and is_alive(run.owner)
    try:
        store.set_tags(run.run_id, {Tag.STOP: KILL if kill else "requested"})
    except StoreUnreachableError:
        if kill or not lives or not home.run(run.run_id).is_dir():
            raise
        ask_to_stop_here(home.run(run.run_id))
        return
    if run.status is Status.SCHEDULED and not worker_alive(home):
        store.set_status(run.run_id, Status.KILLED)
    if run.status is Status.RUNNING and run.owner is not None:
        if kill and lives and (not worker_alive(home) or run.tags.get(Tag.QUEUE) != queue_name(home)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(run.owner.pid, signal.SIGKILL)
            store.set_status(run.run_id, Status.KILLED)
        elif lives is False:
            store.set_status(run.run_id, Status.KILLED)
    wake_worker(home)


def worker_alive(home: Home) -> bool:
    """Whether a worker of this home runs."""
    return holder_of(home.worker_lock) is not None


def worker_jobs(home: Home) -> int | None:
    """How many runs this home's worker trains at once; None where no worker runs."""
    holder = holder_of(home.worker_lock)
    return None if holder is None else int(holder.get("jobs", 1))


def wake_worker(home: Home) -> None:
    """Tells the worker of this machine that the queue has changed, so that it need not wait for its next look."""
    with contextlib.suppress(OSError):
        wake_file = home.path / "queue.changed"
        wake_file.write_text(str(time.time_ns()))
