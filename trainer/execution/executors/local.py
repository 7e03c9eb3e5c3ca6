"""The executor for this machine: a process per run."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.context import BaseContext
from typing import Protocol

import psutil

from trainer.engine.machine import available_memory, memory_used, own_memory
from trainer.execution.executors.base import Ended
from trainer.execution.process.identity import is_alive, owner_of, send_signal
from trainer.execution.process.job import Job
from trainer.tracking.run import short_id
from trainer.tracking.tags import Owner

__all__ = ["LocalExecutor", "LocalProcesses", "Process", "Start", "can_fork", "context", "forks"]

_PRELOAD = ["trainer.execution.executors.forkserver", "trainer.engine.preload"]


class Process(Protocol):
    """A child of this process, as `multiprocessing` knows it."""

    @property
    def pid(self) -> int | None:
        """Its id."""
        ...

    @property
    def exitcode(self) -> int | None:
        """Its exit status, negative for a signal; None while it lives."""
        ...

    def is_alive(self) -> bool:
        """Whether it lives."""
        ...


Start = Callable[[Job], Process]
"""Starts the process that does a job."""


def can_fork() -> bool:
    """Whether this system can fork a process that has TensorFlow imported; Windows cannot."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def context() -> BaseContext:
    """Forks from a server that has TensorFlow imported, where the system can; else starts afresh."""
    chosen = multiprocessing.get_context("forkserver" if can_fork() else "spawn")
    if isinstance(chosen, multiprocessing.context.ForkServerContext):
        chosen.set_forkserver_preload(_PRELOAD)
    return chosen


def forks(start: BaseContext) -> Start:
    """Has `start` make the processes, as the worker does: they begin to train at once."""

    def fork(job: Job) -> Process:
        process = start.Process(target=_train, args=(job,), name=f"fitboard-{short_id(job.run_id)}")  # type: ignore[attr-defined]
        process.start()
        return process  # type: ignore[no-any-return]

    return fork


def _train(job: Job) -> None:
    from trainer.execution.process.run_job import run_job

    sys.exit(run_job(job))


class LocalProcesses:
    """The processes of this machine."""

    def own_handle(self) -> Owner:
        """This process."""
        return owner_of()

    def is_alive(self, handle: Owner) -> bool | None:
        """Whether the process lives; None of another machine's."""
        return is_alive(handle)

    def kill(self, handle: Owner) -> bool:
        """Sends SIGKILL to the process, if it lives here and is ours to signal."""
        return send_signal(handle, signal.SIGKILL)


class LocalExecutor(LocalProcesses):
    """One process of this machine per run."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._children: dict[str, Process] = {}
        self._handles: dict[str, Owner] = {}

    def submit(self, job: Job) -> Owner:
        """Starts the run's process."""
        process = self._start(job)
        self._children[job.run_id] = process
        try:
            handle = owner_of(process.pid)
        except psutil.NoSuchProcess:
            handle = replace(owner_of(), pid=process.pid or 0, started=time.time())
        self._handles[job.run_id] = handle
        return handle

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Takes charge of a living process of this machine."""
        self._children.pop(run_id, None)
        self._handles[run_id] = handle

    def alive(self) -> Sequence[str]:
        """The runs whose processes live."""
        return [run_id for run_id in self._handles if self._lives(run_id)]

    def ended(self) -> Sequence[Ended]:
        """The processes that have gone since the last call; how an adopted one ended cannot be seen."""
        gone = [run_id for run_id in self._handles if not self._lives(run_id)]
        found = []
        for run_id in gone:
            child = self._children.pop(run_id, None)
            found.append(Ended(run_id=run_id, exit_code=None if child is None else child.exitcode))
            del self._handles[run_id]
        return found

    def _lives(self, run_id: str) -> bool:
        child = self._children.get(run_id)
        return bool(is_alive(self._handles[run_id])) if child is None else child.is_alive()

    def ask_to_leave(self, run_id: str) -> None:
        """Sends SIGTERM to the run's process."""
        self._signal(run_id, signal.SIGTERM)

    def cancel(self, run_id: str) -> None:
        """Kills the run's process."""
        self._signal(run_id, signal.SIGKILL)

    def _signal(self, run_id: str, number: signal.Signals) -> None:
        if run_id in self._handles and self._lives(run_id):
            send_signal(self._handles[run_id], number)

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Its own pages and its share of those that it has in common with others (PSS)."""
        handle = self._handles.get(run_id)
        return None if handle is None else memory_used(handle.pid, beyond=beyond)

    def memory_held(self, run_id: str) -> int:
        """Its own pages (USS)."""
        handle = self._handles.get(run_id)
        return 0 if handle is None else own_memory(handle.pid)

    def free_memory(self) -> int:
        """What this machine, or its control group, has left."""
        return available_memory()
