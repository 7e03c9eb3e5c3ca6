"""Watch the memory of training processes with a limit, and find those that exceed it."""

import time
from collections.abc import Callable
from typing import Protocol

from trainer.execution.limits import Limits

__all__ = ["Measure", "MemoryGuard"]

_LOOK_SECONDS = 1.0


class Measure(Protocol):
    """Measures the memory of a run's process in bytes; see `Executor.memory_used`."""

    def __call__(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Return the memory, exact above `beyond` bytes; None if the process no longer exists."""
        ...


class MemoryGuard:
    """Checks the watched runs once a second, usually in microseconds."""

    def __init__(self, measure: Measure, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._watched: dict[str, Limits] = {}
        self._over: dict[str, str] = {}
        self._looked: float | None = None

    def watch(self, run_id: str, limits: Limits) -> None:
        """Watch the run if it has a limit."""
        if limits.memory is not None:
            self._watched[run_id] = limits

    def look(self) -> tuple[str, ...]:
        """Return the runs whose processes must be killed; `breach` tells why."""
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
        """Return why a run's process was killed, or None if it was not."""
        return self._over.get(run_id)

    def forget(self, run_id: str) -> None:
        """Stop watching a run whose process has ended."""
        self._watched.pop(run_id, None)
        self._over.pop(run_id, None)
