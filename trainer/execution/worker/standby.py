"""Decide for which config, and for how long, there is a standby: an idle process that starts the next run at once."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from trainer.config import Config
from trainer.execution.process.job import Job
from trainer.execution.process.workplace import Fit, Order
from trainer.execution.queue.wish import WISH_SECONDS, read_wish, wish_changed_at
from trainer.home import Home

__all__ = ["IDLE_SECONDS", "REST_SECONDS", "IdleProcess", "Standby"]

REST_SECONDS = 1.0
"""Seconds that a request must stay unchanged before a process is prepared; while a config is edited it changes."""

IDLE_SECONDS = 20.0
"""Seconds that a process that has finished a run waits for another one."""


class IdleProcess(Protocol):
    """The interface to the one process that waits for a run, implemented by `Companions`."""

    @property
    def idle(self) -> Fit | None:
        """Which runs it can train; None if there is none."""
        ...

    @property
    def idle_seconds(self) -> float:
        """Seconds since it became idle."""
        ...

    @property
    def pid(self) -> int | None:
        """The process id."""
        ...

    @property
    def memory(self) -> int:
        """Bytes that ending it would free."""
        ...

    def is_prepared(self) -> bool:
        """Return whether it has nothing left to prepare."""
        ...

    def suits(self, job: Job) -> bool:
        """Return whether it has all that the job needs."""
        ...

    def prepare(self, order: Order, fit: Fit) -> None:
        """Fork one ahead."""
        ...

    def keep_one(self) -> None:
        """End all but the one that became idle last."""
        ...

    def release(self) -> bool:
        """End it; return whether there was one."""
        ...


class Standby:
    """Prepares, keeps and ends the idle process. There is at most one, and none while all places are taken.

    Args:
        process: the idle process.
        home: the home whose request is read.
        tracking_uri: the store that the process opens.
        jobs: the number of runs that may train at once.
        say: called whenever the idle process changes, with its `pid` and whether it `is_prepared`, or with None.
        clock: a monotonic clock in seconds.
    """

    def __init__(
        self,
        process: IdleProcess,
        *,
        home: Home,
        tracking_uri: str,
        jobs: int = 1,
        say: Callable[[Mapping[str, Any] | None], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._process, self._home, self._uri, self._jobs = process, home, tracking_uri, jobs
        self._say, self._clock = say, clock
        self._said: Mapping[str, Any] | None = None
        self._seen = 0
        self._config: Config | None = None
        self._fit: Fit | None = None
        self._written_at = self._rests_since = clock()
        self._served = 0
        self._is_ours = False

    def suits(self, job: Job) -> bool:
        """Return whether the idle process has all that the job needs."""
        return self._process.suits(job)

    @property
    def memory(self) -> int:
        """Bytes that ending the idle process would free."""
        return self._process.memory

    def release(self) -> bool:
        """Free its memory for a run that needs it; return whether there was a process."""
        self._is_ours = False
        return self._process.release()

    def tend(self, free_places: int) -> None:
        """Prepare or end the idle process as needed. Takes microseconds if nothing has changed."""
        self._read_wish()
        self._process.keep_one()
        idle = self._process.idle
        if idle is None and self._is_ours:
            # It was given a run, refused its config or was killed: no second one is prepared for the same request.
            self._served, self._is_ours = self._seen, False
        if free_places <= 0 or (idle is not None and self._is_of_no_use(idle)):
            self.release()
        if free_places > 0 and self._is_due(self._process.idle):
            self._prepare()
        self._tell()

    def _read_wish(self) -> None:
        changed = wish_changed_at(self._home)
        if changed == self._seen:
            return
        self._seen = changed
        wish, now = read_wish(self._home), self._clock()
        # A worker that starts may find a request from days ago.
        is_new = wish is not None and time.time() - wish.written_at < WISH_SECONDS
        config = wish.config if wish is not None and is_new else None
        fit = None if config is None else Fit.of(config, self._home)
        if fit != self._fit:
            self._rests_since = now
        self._config, self._fit, self._written_at = config, fit, now

    def _is_wished(self) -> bool:
        return self._fit is not None and self._clock() - self._written_at < WISH_SECONDS

    def _is_wanted(self, idle: Fit) -> bool:
        return self._fit is not None and (idle.signature, idle.stamp) == (self._fit.signature, self._fit.stamp)

    def _is_of_no_use(self, idle: Fit) -> bool:
        if self._is_wished() and self._is_wanted(idle):
            return False
        return self._is_ours or self._process.idle_seconds > IDLE_SECONDS

    def _is_due(self, idle: Fit | None) -> bool:
        if not self._is_wished() or self._seen <= self._served or (idle is not None and self._is_wanted(idle)):
            return False
        return self._clock() - self._rests_since >= REST_SECONDS

    def _prepare(self) -> None:
        if self._config is None or self._fit is None:
            return
        self._process.release()
        text = self._config.canonical_json()
        order = Order(home=self._home.path, tracking_uri=self._uri, config=text, runs_at_once=self._jobs)
        self._process.prepare(order, self._fit)
        self._is_ours = True

    def _tell(self) -> None:
        pid = self._process.pid
        said = None if pid is None else {"pid": pid, "is_prepared": self._process.is_prepared()}
        if said != self._said:
            self._said = said
            self._say(said)
