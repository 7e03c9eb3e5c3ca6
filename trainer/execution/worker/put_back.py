"""End a worker: return its runs to the queue."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trainer.execution.executors.base import Executor
from trainer.execution.process.attempts import kept
from trainer.execution.process.handover import is_elsewhere
from trainer.execution.process.transitions import requeue
from trainer.home import Home
from trainer.tracking.run import Status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["put_back"]

_log = logging.getLogger("fitboard.worker")

# Seconds that an ending worker waits for checkpoints; Ctrl-C of `up` should end within 5 s.
_LEAVING_SECONDS = 2.0

_TICK_SECONDS = 0.03


def put_back(
    store: "Store",
    executor: Executor,
    run_ids: Sequence[str],
    *,
    home: Home,
    ended: Callable[[Sequence[str]], None] = lambda _: None,
) -> None:
    """End every process first, whether or not the store responds; a run that cannot be returned now is found later.

    `ended` is called with the runs once their processes have ended, before another worker may take them.

    Raises:
        StoreError: the store cannot be told.
    """
    _end_processes(executor, run_ids)
    ended(run_ids)
    for run_id in run_ids:
        run = store.get(run_id)
        if run.status is Status.RUNNING and not is_elsewhere(run, home):
            requeue(store, run_id)
            where = kept(home.run(run_id))
            _log.info("Run %s returned to the queue; the next `fitboard up` resumes it %s.", run_id, where)


def _end_processes(executor: Executor, run_ids: Sequence[str]) -> None:
    """Ask all processes to exit with a checkpoint, and kill those that do not exit in time."""
    for run_id in run_ids:
        executor.ask_to_leave(run_id)
    until = time.monotonic() + _LEAVING_SECONDS
    while executor.alive() and time.monotonic() < until:
        time.sleep(_TICK_SECONDS)
    for run_id in executor.alive():
        _log.info("Run %s did not exit within %g s; killing its process.", run_id, _LEAVING_SECONDS)
        executor.cancel(run_id)
