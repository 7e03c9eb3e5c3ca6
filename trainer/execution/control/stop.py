"""Stop runs, with an evaluation or by killing the process."""

from enum import StrEnum
from typing import TYPE_CHECKING

from trainer.errors import ConfigError, StoreUnreachableError
from trainer.execution.control.ownership import refuse_foreign
from trainer.execution.executors.handles import is_alive
from trainer.execution.executors.handles import kill as kill_process
from trainer.execution.process.recovery import KILL
from trainer.execution.queue.enqueue import queue_name, wake_worker, worker_alive
from trainer.home import Home
from trainer.tracking.record.notes import ask_to_stop_here
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag
from trainer.tracking.write.exchange import exchange_status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store


__all__ = ["Stopping", "request_stop"]


class Stopping(StrEnum):
    """The result of a request to stop a run; the value is the sentence, with `{}` for the run's id."""

    ASKED = "Asked {} to stop."
    ENDED = "Ended {}: no process was training it."
    KILLED = "Killed {}."
    KILL_ASKED = "Kill requested for {}; its process may not have ended yet."

    def sentence(self, run_id: str) -> str:
        """Return the result in words."""
        return self.value.format(run_id)


def request_stop(store: "Store", run: Run, *, home: Home, kill: bool = False) -> Stopping:
    """Ask a run to finish its step, evaluate, save and end; with `kill`, kill its process instead.

    A run without a process to react is ended here: queued while no worker runs, or its process is dead. While the store
    does not respond, a process of this home is notified through the run's folder.

    Raises:
        ConfigError: another program made the run, or it has ended.
    """
    refuse_foreign(run)
    if run.status.ended:
        raise ConfigError(f"Run {run.run_id} has already ended ({run.status}).")
    lives = None if run.owner is None else is_alive(run.owner)
    try:
        # The tag comes before the look for a worker: one that starts in between finds the tag.
        store.set_tags(run.run_id, {Tag.STOP: KILL if kill else "requested"})
    except StoreUnreachableError:
        if kill or not lives or not home.run(run.run_id).is_dir():
            raise
        ask_to_stop_here(home.run(run.run_id))
        return Stopping.ASKED
    outcome = _end_unheard(store, run, home, lives=lives, kill=kill)
    wake_worker(home)
    return outcome


def _end_unheard(store: "Store", run: Run, home: Home, *, lives: bool | None, kill: bool) -> Stopping:
    """End the run here if no worker does."""
    is_worked_on = worker_alive(home)
    if run.status is Status.SCHEDULED:
        # Of a team's queue, another home's worker may be starting it at this moment.
        if is_worked_on or not exchange_status(store, run.run_id, Status.SCHEDULED, Status.KILLED, changes={}):
            return Stopping.ASKED
        store.set_status(run.run_id, Status.KILLED)
        return Stopping.ENDED
    if run.owner is not None and lives is False:
        store.set_status(run.run_id, Status.KILLED)
        return Stopping.ENDED
    is_watched = is_worked_on and run.tags.get(Tag.QUEUE) == queue_name(home)
    if kill and lives and run.owner is not None and not is_watched and kill_process(run.owner):
        store.set_status(run.run_id, Status.KILLED)
        return Stopping.KILLED
    return Stopping.KILL_ASKED if kill else Stopping.ASKED
