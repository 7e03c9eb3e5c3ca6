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

from trainer.execution.executors.base import Ended
from trainer.execution.process.identity import is_alive, owner_of, send_signal
from trainer.execution.process.job import Job
from trainer.machine import available_memory, memory_used, own_memory
from trainer.tracking.run import short_id
from trainer.tracking.tags import Owner

__all__ = ["LocalExecutor", "LocalProcesses", "Process", "Start", "can_fork", "context", "forks"]

_PRELOAD = ["trainer.execution.executors.forkserver", "trainer.engine.preload"]


class Process(Protocol):
    """A child process, with the interface of `multiprocessing.Process`."""

    @property
    def pid(self) -> int | None:
        """Its id."""
        ...

    @property
    def exitcode(self) -> int | None:
        """Its exit status, negative for a signal; None while it lives."""
        ...

    def is_alive(self) -> bool:
        """Return whether it lives."""
        ...


Start = Callable[[Job], Process]
"""A function that starts the process for a job."""


def can_fork() -> bool:
    """Return whether this system can fork a process that has TensorFlow imported; Windows cannot."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def context() -> BaseContext:
    """Return the start method: a forkserver with TensorFlow imported if the system has one, otherwise spawn."""
    chosen = multiprocessing.get_context("forkserver" if can_fork() else "spawn")
    if isinstance(chosen, multiprocessing.context.ForkServerContext):
        chosen.set_forkserver_preload(_PRELOAD)
    return chosen


def forks(start: BaseContext) -> Start:
    """Return a function that starts a process for each job by `start`; it begins to train at once."""

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
        """Return the handle of this process."""
        return owner_of()

    def is_alive(self, handle: Owner) -> bool | None:
        """Return whether the process lives; None of another machine's."""
        return is_alive(handle)

    def kill(self, handle: Owner) -> bool:
        """Send SIGKILL to the process, if it lives here and is ours to signal."""
        return send_signal(handle, signal.SIGKILL)


class LocalExecutor(LocalProcesses):
    """One process of this machine per run."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._children: dict[str, Process] = {}
        self._handles: dict[str, Owner] = {}

    def submit(self, job: Job) -> Owner:
        """Start the run's process."""
        process = self._start(job)
        self._children[job.run_id] = process
        try:
            handle = owner_of(process.pid)
        except psutil.NoSuchProcess:
            # The process may have died already; its handle must still name a process that is not alive.
            handle = replace(owner_of(), pid=process.pid or 0, started=time.time())
        self._handles[job.run_id] = handle
        return handle

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Take charge of a living process of this machine."""
        self._children.pop(run_id, None)
        self._handles[run_id] = handle

    def alive(self) -> Sequence[str]:
        """Return the runs whose processes live."""
        return [run_id for run_id in self._handles if self._lives(run_id)]

    def ended(self) -> Sequence[Ended]:
        """Return the processes that have gone since the last call; how an adopted one ended cannot be seen."""
        gone = [run_id for run_id in self._handles if not self._lives(run_id)]
        found = []
        for run_id in gone:
            child = self._children.pop(run_id, None)
            found.append(Ended(run_id=run_id, exit_code=None if child is None else child.exitcode))
            del self._handles[run_id]
        return found

    def _lives(self, run_id: str) -> bool:
        child = self._children.get(run_id)
        # An adopted process is no child of this one, so that only its handle tells whether it is alive.
        return bool(is_alive(self._handles[run_id])) if child is None else child.is_alive()

    def ask_to_leave(self, run_id: str) -> None:
        """Send SIGTERM to the run's process."""
        self._signal(run_id, signal.SIGTERM)

    def cancel(self, run_id: str) -> None:
        """Kill the run's process."""
        self._signal(run_id, signal.SIGKILL)

    def _signal(self, run_id: str, number: signal.Signals) -> None:
        if run_id in self._handles and self._lives(run_id):
            send_signal(self._handles[run_id], number)

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Return the proportional set size (PSS): private pages and a share of those shared with other processes."""
        handle = self._handles.get(run_id)
        return None if handle is None else memory_used(handle.pid, beyond=beyond)

    def memory_held(self, run_id: str) -> int:
        """Return the unique set size (USS): private pages only."""
        handle = self._handles.get(run_id)
        return 0 if handle is None else own_memory(handle.pid)

    def free_memory(self) -> int:
        """Return the available memory of this machine or its control group."""
        return available_memory()
