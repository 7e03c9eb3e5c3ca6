"""Stops runs: on request, with an evaluation, or by ending the process."""

import signal
from typing import TYPE_CHECKING

from trainer.errors import StoreUnreachableError
from trainer.execution.process.identity import is_alive, send_signal
from trainer.execution.process.recovery import KILL
from trainer.execution.queue.enqueue import queue_name, wake_worker, worker_alive
from trainer.home import Home
from trainer.tracking.record.notes import ask_to_stop_here
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store


__all__ = ["request_stop"]


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
            send_signal(run.owner, signal.SIGKILL)
            store.set_status(run.run_id, Status.KILLED)
        elif lives is False:
            store.set_status(run.run_id, Status.KILLED)
    wake_worker(home)
