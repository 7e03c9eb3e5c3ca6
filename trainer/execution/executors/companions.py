"""Manage processes that can train several runs in turn: the worker's end of the connection.

At most one of them is idle at a time, the standby. It was forked in advance for the config that Build shows, or it
has just finished a run and waits for a similar one.
"""

import contextlib
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Protocol, cast

from trainer.config import Config
from trainer.errors import ConfigError
from trainer.execution.executors.local import Process
from trainer.execution.process.job import Job
from trainer.execution.process.workplace import Done, Fit, Order, Ready
from trainer.machine import own_memory
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.run import short_id

__all__ = ["Companions"]


class _Forked(Process, Protocol):
    """A process of `multiprocessing`."""

    def terminate(self) -> None:
        """End it with SIGTERM."""
        ...


class _Companion:
    """One process as seen by the worker: idle, training a run, or no longer running."""

    def __init__(self, process: _Forked, line: Connection, clock: Callable[[], float], fit: Fit | None = None) -> None:
        self.process, self.line, self.fit = process, line, fit
        self.is_prepared = False
        self.ended: dict[str, int] = {}
        self.run_id: str | None = None
        self._clock = clock
        self.idle_since = clock()

    def listen(self) -> None:
        """Process the messages that have arrived since the last call."""
        with contextlib.suppress(EOFError, OSError):
            while self.line.poll():
                said = self.line.recv()
                if isinstance(said, Ready):
                    self.is_prepared, self.fit = True, said.fit
                elif isinstance(said, Done):
                    self.fit = said.fit
                    self.ended[said.run_id] = said.status
                    self.run_id, self.idle_since = None, self._clock()

    @property
    def is_idle(self) -> bool:
        return self.run_id is None and self.process.is_alive()

    def hand(self, job: Job) -> None:
        """Send a job to the process; if it is still preparing, it starts the job afterwards."""
        self.line.send(job)
        self.run_id = job.run_id


class _Training:
    """The training of one run in a companion, with the interface of a process that the executor expects."""

    def __init__(self, companion: _Companion, run_id: str) -> None:
        self._companion, self._run_id = companion, run_id

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._companion.process.pid

    @property
    def exitcode(self) -> int | None:
        """The run's exit status, negative for a signal; None while it trains."""
        self._companion.listen()
        done = self._companion.ended.get(self._run_id)
        return self._companion.process.exitcode if done is None else done

    def is_alive(self) -> bool:
        """Return whether the process is still training the run."""
        self._companion.listen()
        return self._run_id not in self._companion.ended and self._companion.process.is_alive()


class Companions:
    """Starts a process for every run, or passes the run to the idle process if that has everything it needs.

    Args:
        start: forks the processes.
        tied: whether the processes end with the forkserver; otherwise they train on, and a later worker adopts them.
        clock: a monotonic clock in seconds.
    """

    def __init__(
        self, start: ForkServerContext, *, tied: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._start, self._tied, self._clock = start, tied, clock
        self._all: list[_Companion] = []

    def start(self, job: Job) -> Process:
        """Start the job in the idle process if that suits, otherwise in a new one."""
        suiting = self._suiting(job)
        if suiting is not None:
            # A process that was killed a moment ago may look alive, but its pipe is broken.
            with contextlib.suppress(OSError):
                suiting.hand(job)
                return _Training(suiting, job.run_id)
        made = self._forked(job, f"fitboard-{short_id(job.run_id)}")
        made.run_id = job.run_id
        return _Training(made, job.run_id)

    def suits(self, job: Job) -> bool:
        """Return whether an idle process has all that the job needs."""
        return self._suiting(job) is not None

    def prepare(self, order: Order, fit: Fit) -> None:
        """Fork a process ahead; `fit` says for which runs."""
        self._forked(order, "fitboard-standby").fit = fit

    @property
    def idle(self) -> Fit | None:
        """Which runs the idle process can train; None where there is no idle process."""
        found = self._idle()
        return found[-1].fit if found else None

    @property
    def idle_seconds(self) -> float:
        """Seconds since the idle process became idle; 0 if there is none."""
        found = self._idle()
        return self._clock() - found[-1].idle_since if found else 0.0

    @property
    def pid(self) -> int | None:
        """The id of the idle process."""
        found = self._idle()
        return found[-1].process.pid if found else None

    @property
    def memory(self) -> int:
        """Bytes that ending the idle process would free."""
        return own_memory(self.pid) if self.pid else 0

    def is_prepared(self) -> bool:
        """Return whether the idle process has nothing left to prepare."""
        found = self._idle()
        return bool(found) and (found[-1].is_prepared or bool(found[-1].ended))

    def keep_one(self) -> None:
        """End all idle processes but the one that became idle last."""
        for each in self._idle()[:-1]:
            self._end(each)

    def release(self) -> bool:
        """End the idle processes; return whether there were any."""
        found = self._idle()
        for each in found:
            self._end(each)
        return bool(found)

    def _idle(self) -> list[_Companion]:
        """Return the processes without a run, most recently idle last.

        Messages of a process that has a run are read only by the run's `_Training`, so the process does not count as
        idle before the executor has seen the run end.
        """
        for each in self._all:
            if each.run_id is None:
                each.listen()
        self._all = [each for each in self._all if each.process.is_alive() or self._forget(each)]
        return sorted((each for each in self._all if each.is_idle), key=lambda each: each.idle_since)

    def _suiting(self, job: Job) -> _Companion | None:
        found = self._idle() if job.may_share and job.config is not None else []
        config = _parsed(job) if found else None
        if config is None:
            return None
        same = [each for each in found if each.fit is not None and each.fit.suits(job, config)]
        # A process prepared for another network is kept for that one; one that has already trained may build another.
        near = [each for each in found if each.fit is not None and each.ended and each.fit.suits_data(job, config)]
        return next(iter([*same, *near]), None)

    def _forked(self, first: Job | Order, name: str) -> _Companion:
        ours, theirs = Pipe()
        process = self._start.Process(target=_keep_training, args=(theirs, first, self._tied), name=name)
        process.start()
        # The end of the child must be closed here, or `recv` would not see EOF after the child has died.
        theirs.close()
        made = _Companion(cast(_Forked, process), ours, self._clock)
        self._all.append(made)
        return made

    def _end(self, companion: _Companion) -> None:
        """Close the connection, upon which the process exits; terminate it if it is still preparing."""
        companion.line.close()
        if not (companion.is_prepared or companion.ended):
            companion.process.terminate()
        self._all.remove(companion)

    def _forget(self, companion: _Companion) -> bool:
        companion.line.close()
        return False


def _parsed(job: Job) -> Config | None:
    with contextlib.suppress(ConfigError):
        return parse_recorded(job.config or "")
    return None


def _keep_training(line: Connection, first: Job | Order, tied: bool) -> None:
    from trainer.execution.process.companion import keep_training

    keep_training(line, first, tied=tied)
