"""The executor for this machine: a process a run."""

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

import psutil

from trainer.execution.executors.base import Ended
from trainer.execution.process.identity import owner_of
from trainer.execution.process.job import Job
from trainer.tracking.types import Owner, short_id

__all__ = ["LocalExecutor", "context"]

_PRELOAD = ["trainer.execution.executors.forkserver", "trainer.engine.preload"]


def context() -> BaseContext:
    """Forks from a server that has TensorFlow imported, where the system can; else starts afresh."""
    methods = multiprocessing.get_all_start_methods()
    chosen = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if isinstance(chosen, multiprocessing.context.ForkServerContext):
        chosen.set_forkserver_preload(_PRELOAD)
    return chosen


def _train(job: Job) -> None:
    from trainer.execution.process.run_job import run_job

    sys.exit(run_job(job))


class LocalExecutor:
    """One process of this machine a run."""

    def __init__(self, start: BaseContext) -> None:
        self._start = start
        self._processes: dict[str, BaseProcess] = {}

    def submit(self, job: Job) -> Owner:
        """Forks the run's process."""
        process = self._start.Process(target=_train, args=(job,), name=f"fitboard-{short_id(job.run_id)}")  # type: ignore[attr-defined]
        process.start()
        self._processes[job.run_id] = process
        try:
            return owner_of(process.pid)
        except psutil.NoSuchProcess:
            return replace(owner_of(), pid=process.pid or 0, started=time.time())

    def ask_to_leave(self, run_id: str) -> None:
        """Sends SIGTERM to the run's process."""
        self._signal(run_id, signal.SIGTERM)

    def cancel(self, run_id: str) -> None:
        """Kills the run's process."""
        self._signal(run_id, signal.SIGKILL)

    def _signal(self, run_id: str, number: signal.Signals) -> None:
        process = self._processes.get(run_id)
        if process is not None and process.is_alive() and process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def alive(self) -> Sequence[str]:
        """The ids of the runs whose processes live."""
        return [run_id for run_id, process in self._processes.items() if process.is_alive()]

    def ended(self) -> Sequence[Ended]:
        """The processes that have gone since the last call."""
        gone = [run_id for run_id, process in self._processes.items() if not process.is_alive()]
        return [Ended(run_id=run_id, exit_code=self._processes.pop(run_id).exitcode) for run_id in gone]
