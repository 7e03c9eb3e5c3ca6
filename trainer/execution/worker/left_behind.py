"""Find foreground runs whose command no longer exists, so that nothing would restart their process."""

import time
from typing import TYPE_CHECKING

from trainer.execution.executors.base import Executor
from trainer.execution.queue.enqueue import foreground_queue
from trainer.home import Home
from trainer.tracking.files import CONFIG_FILE
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Owner, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["LeftBehind"]

_LOOK_SECONDS = 2.0


class LeftBehind:
    """Finds the runs that commands of this home left queued or running when they, or the machine, were killed."""

    def __init__(self, store: "Store", home: Home, executor: Executor) -> None:
        self._store, self._executor = store, executor
        self._queue = foreground_queue(home)
        self._looked: float | None = None

    def look(self) -> tuple[Run, ...]:
        """Return those runs of commands on this machine; nothing if the last check was a moment ago."""
        now = time.monotonic()
        if self._looked is not None and now - self._looked < _LOOK_SECONDS:
            return ()
        self._looked = now
        found = (*self._store.running(self._queue), *self._store.queued(self._queue))
        return tuple(run for run in found if self._has_lost_its_command(run))

    def is_unstarted(self, run: Run) -> bool:
        """Return whether the run was completely queued, but no process is known to have trained it."""
        is_ownerless = run.status is Status.RUNNING and run.owner is None
        return is_ownerless and self._store.reader.artifact(run, CONFIG_FILE) is not None

    def _has_lost_its_command(self, run: Run) -> bool:
        command = Owner.loads(run.tags.get(Tag.COMMAND, ""))
        return command is not None and self._executor.is_alive(command) is False
