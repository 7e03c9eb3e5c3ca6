"""A recorder that stops its run's training when the time limit is reached."""

import time
from collections.abc import Callable

from trainer.execution.limits import Limits, time_spent
from trainer.home import Home
from trainer.tracking.record.recorder import Recorder
from trainer.tracking.run import Run
from trainer.tracking.tags import Owner, Progress, Tag
from trainer.tracking.write.store import Store

__all__ = ["Timekeeper"]

_NOTE_SECONDS = 1.0


class Timekeeper(Recorder):
    """Counts the running time of a run over all its processes, and records it in a tag once a second.

    Time in the queue between two processes does not count. When the limit is reached, training stops as if requested.
    """

    def __init__(
        self, store: Store, run: Run, home: Home, *, owner: Owner, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits, self._now = Limits.of(run), clock
        self._spent_before = time_spent(run)
        self._began_at = self._noted_at = self._now()
        self._time_over = False
        resumed, stopping = Tag.STARTED in run.tags, Tag.STOP in run.tags
        super().__init__(store, run.run_id, home, owner=owner, resumed=resumed, stopping=stopping)

    @property
    def spent(self) -> float:
        """Seconds of running so far."""
        return self._spent_before + (self._now() - self._began_at)

    @property
    def memory_limit(self) -> int | None:
        """The memory limit of the run in bytes, None if it has none."""
        return self._limits.memory

    @property
    def time_over(self) -> bool:
        """Whether the time limit stopped training, before anybody else requested it."""
        return self._time_over

    def sentence(self, epochs: int) -> str:
        """Return the reason for the end."""
        return self._limits.out_of_time(epochs)

    def progressed(self, progress: Progress) -> None:
        """Report the progress."""
        super().progressed(progress)
        if self._limits.seconds is not None and self._now() - self._noted_at > _NOTE_SECONDS:
            self._note()

    def stop_requested(self) -> bool:
        """Return whether a stop was requested, or the time limit is reached."""
        if self._time_over or super().stop_requested():
            return True
        if self._limits.seconds is not None and self.spent >= self._limits.seconds:
            self._time_over = True
            self._note()
        return self._time_over

    def _note(self) -> None:
        self._noted_at = self._now()
        self.tag({Tag.SPENT: f"{self.spent:.1f}"})
