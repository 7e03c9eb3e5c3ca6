"""Watches the memory of training processes that have a limit, and says which have gone beyond it."""

import time
from collections.abc import Callable

from trainer.engine.machine import memory_used
from trainer.execution.limits import Limits

__all__ = ["MemoryGuard"]

_LOOK_SECONDS = 1.0

_Measure = Callable[[int, int], int | None]
"""The bytes that a process takes, from its id and from a number of bytes below which it need not be exact."""


class MemoryGuard:
    """Looks once a second at the processes it is told of; most often that costs microseconds."""

    def __init__(self, measure: _Measure = lambda pid, beyond: memory_used(pid, beyond=beyond)) -> None:
        self._measure = measure
        self._watched: dict[str, tuple[int, Limits]] = {}
        self._over: dict[str, str] = {}
        self._looked = 0.0

    def watch(self, run_id: str, pid: int, limits: Limits) -> None:
        """From now on, where the run has a limit."""
        if limits.memory is not None:
            self._watched[run_id] = (pid, limits)

    def look(self) -> tuple[str, ...]:
        """The runs whose processes are to be ended; `breach` says why."""
        if not self._watched or time.monotonic() - self._looked < _LOOK_SECONDS:
            return ()
        self._looked = time.monotonic()
        for run_id, (pid, limits) in self._watched.items():
            used = self._measure(pid, limits.memory or 0)
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
