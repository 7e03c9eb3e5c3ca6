"""Copy the latest checkpoints of a team's runs to their artifacts, so that homes that cannot read this one resume them.

The copies are made by a thread, since storage may take its time; without one a run only loses time.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import FitboardError
from trainer.execution.queue.team import team_queue
from trainer.home import Home
from trainer.tracking.files import SHARED_CHECKPOINT, CheckpointPlace, checkpoint_name, checkpoint_places
from trainer.tracking.run import Status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["SharedCheckpoints"]

_log = logging.getLogger("fitboard.worker")

_EVERY_SECONDS = 60.0
# Of larger networks a copy a minute would take more of the network than the minute is worth.
_MOST_BYTES = 256 * 2**20
# An ending worker waits no longer.
_PATIENCE_SECONDS = 1.0


@dataclass
class _Copied:
    since: float
    place: CheckpointPlace | None = None
    work: "Future[None] | None" = field(default=None, repr=False)


class SharedCheckpoints:
    """Keeps one copy a minute of each run that this home trains from a team's queue; of other queues, none."""

    def __init__(self, store: "Store", home: Home, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._home, self._clock = store, home, clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._copied: dict[str, _Copied] = {}

    def tend(self, run_ids: Sequence[str]) -> None:
        """Begin the copies that are due, and remove those of runs that have finished."""
        if not team_queue():
            return
        now = self._clock()
        for run_id in run_ids:
            known = self._copied.setdefault(run_id, _Copied(now))
            if now - known.since >= _EVERY_SECONDS:
                self._begin(run_id, known)
        for run_id in self._copied.keys() - set(run_ids):
            if self._copied.pop(run_id).place is not None:
                self._thread.submit(self._remove, run_id)

    def keep(self, run_ids: Sequence[str]) -> None:
        """Copy the checkpoints that are later than the last copies, and wait for a moment."""
        if team_queue():
            for run_id in run_ids:
                self._begin(run_id, self._copied.setdefault(run_id, _Copied(self._clock())))
            wait([each.work for each in self._copied.values() if each.work is not None], _PATIENCE_SECONDS)

    def _begin(self, run_id: str, known: _Copied) -> None:
        places = checkpoint_places(self._home.run(run_id))
        if not places or places[-1] == known.place or (known.work is not None and not known.work.done()):
            return
        known.since, known.place = self._clock(), places[-1]
        known.work = self._thread.submit(self._copy, run_id, self._home.run(run_id) / checkpoint_name(*places[-1]))

    def _copy(self, run_id: str, file: Path) -> None:
        try:
            if file.stat().st_size <= _MOST_BYTES:
                self._store.log_file(run_id, SHARED_CHECKPOINT, file.read_bytes())
        except (FitboardError, OSError) as error:
            _log.warning("The checkpoint of run %s could not be shared: %s", run_id, error)

    def _remove(self, run_id: str) -> None:
        with contextlib.suppress(FitboardError):
            if self._store.get(run_id).status is Status.FINISHED:
                self._store.remove_file(run_id, SHARED_CHECKPOINT)
