"""Watches the memory of training processes that have a limit, and says which have gone beyond it."""

import time
from collections.abc import Callable
from typing import Protocol

from trainer.execution.limits import Limits

__all__ = ["Measure", "MemoryGuard"]

_LOOK_SECONDS = 1.0


class Measure(Protocol):
    """Tells the bytes that a run's process takes; see `Executor.memory_used`."""

    def __call__(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Exact above `beyond` bytes; None where the process is gone."""
        ...


class MemoryGuard:
    """Looks once a second at the runs it is told of; most often that costs microseconds."""

    def __init__(self, measure: Measure, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._watched: dict[str, Limits] = {}
        self._over: dict[str, str] = {}
        self._looked: float | None = None

    def watch(self, run_id: str, limits: Limits) -> None:
        """From now on, where the run has a limit."""
        if limits.memory is not None:
            self._watched[run_id] = limits

    def look(self) -> tuple[str, ...]:
        """The runs whose processes are to be ended; `breach` says why."""
        now = self._clock()
        if not self._watched or (self._looked is not None and now - self._looked < _LOOK_SECONDS):
            return ()
        self._looked = now
        for run_id, limits in self._watched.items():
            used = self._measure(run_id, beyond=limits.memory or 0)
            if used is not None and limits.memory is not None and used > limits.memory:
                self._over.setdefault(run_id, limits.out_of_memory(used))
        return tuple(self._over)

    def breach(self, run_id: str) -> str | None:
        """Why a run's process was ended, in a sentence; None where it was not."""
        return self._over.get(run_id)

    def forget(self, run_id: str) -> None:
        """The run's process is gone, and that is settled."""
        self._watched.pop(run_id, None)
        self._over.pop(run_id, None)
