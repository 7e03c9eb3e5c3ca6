"""Processes that can train more than one run: the side of the worker.

At most one of them is idle at a time, the standby. It was forked ahead for the config that Build shows, or it has
just finished a run and waits for another one like it.
"""

import contextlib
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Protocol, cast

from trainer.config import Config
from trainer.engine.machine import own_memory
from trainer.errors import ConfigError
from trainer.execution.executors.local import Process
from trainer.execution.process.job import Job
from trainer.execution.process.workplace import Done, Fit, Order, Ready
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.run import short_id

__all__ = ["Companions"]


class _Forked(Process, Protocol):
    """A process of `multiprocessing`."""

    def terminate(self) -> None:
        """Ends it with SIGTERM."""
        ...


class _Companion:
    """One process, as the worker sees it. It is idle, or trains a run, or is gone."""

    def __init__(self, process: _Forked, line: Connection, clock: Callable[[], float], fit: Fit | None = None) -> None:
        self.process, self.line, self.fit = process, line, fit
        self.is_prepared = False
        self.ended: dict[str, int] = {}
        self.run_id: str | None = None
        self._clock = clock
        self.idle_since = clock()

    def listen(self) -> None:
        """Takes in what the process has said since the last call."""
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
        """Gives it a job; it may still be preparing itself, and begins afterwards."""
        self.line.send(job)
        self.run_id = job.run_id


class _Training:
    """The part of a companion's life that belongs to one run: what an executor takes for the run's process."""

    def __init__(self, companion: _Companion, run_id: str) -> None:
        self._companion, self._run_id = companion, run_id

    @property
    def pid(self) -> int | None:
        """Its id."""
        return self._companion.process.pid

    @property
    def exitcode(self) -> int | None:
        """The run's exit status, negative for a signal; None while it trains."""
        self._companion.listen()
        done = self._companion.ended.get(self._run_id)
        return self._companion.process.exitcode if done is None else done

    def is_alive(self) -> bool:
        """Whether it trains the run."""
        self._companion.listen()
        return self._run_id not in self._companion.ended and self._companion.process.is_alive()


class Companions:
    """Starts the process of every run, or hands the run to the one that is idle, if that has all it needs.

    Args:
        start: forks the processes.
        clock: seconds that only ever grow.
    """

    def __init__(self, start: ForkServerContext, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._start, self._clock = start, clock
        self._all: list[_Companion] = []

    def start(self, job: Job) -> Process:
        """Has the job done."""
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
        """Whether an idle process has all that the job needs."""
        return self._suiting(job) is not None

    def prepare(self, order: Order, fit: Fit) -> None:
        """Forks a process ahead; `fit` says for which runs."""
        self._forked(order, "fitboard-standby").fit = fit

    @property
    def idle(self) -> Fit | None:
        """Which runs the idle process can train; None where there is no idle process."""
        found = self._idle()
        return found[-1].fit if found else None

    @property
    def idle_seconds(self) -> float:
        """How long the idle process has been idle; 0 where there is none."""
        found = self._idle()
        return self._clock() - found[-1].idle_since if found else 0.0

    @property
    def pid(self) -> int | None:
        """The id of the idle process."""
        found = self._idle()
        return found[-1].process.pid if found else None

    @property
    def memory(self) -> int:
        """Bytes that would be free again without the idle process."""
        return own_memory(self.pid) if self.pid else 0

    def is_prepared(self) -> bool:
        """Whether the idle process has nothing left to prepare."""
        found = self._idle()
        return bool(found) and (found[-1].is_prepared or bool(found[-1].ended))

    def keep_one(self) -> None:
        """Ends all idle processes but the one that became idle last."""
        for each in self._idle()[:-1]:
            self._end(each)

    def release(self) -> bool:
        """Ends the idle processes; whether there were any."""
        found = self._idle()
        for each in found:
            self._end(each)
        return bool(found)

    def _idle(self) -> list[_Companion]:
        """Those without a run, the newest last.

        A process is asked about its run by the run's `_Training` alone: it is not idle before the run's end was seen.
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
        # What was prepared for another network is kept for it; what has trained one may build another.
        near = [each for each in found if each.fit is not None and each.ended and each.fit.suits_data(job, config)]
        return next(iter([*same, *near]), None)

    def _forked(self, first: Job | Order, name: str) -> _Companion:
        ours, theirs = Pipe()
        process = self._start.Process(target=_keep_training, args=(theirs, first), name=name)
        process.start()
        theirs.close()
        made = _Companion(cast(_Forked, process), ours, self._clock)
        self._all.append(made)
        return made

    def _end(self, companion: _Companion) -> None:
        """Hangs up; the process exits by itself. One that is still preparing is ended at once."""
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


def _keep_training(line: Connection, first: Job | Order) -> None:
    from trainer.execution.process.companion import keep_training

    keep_training(line, first)
