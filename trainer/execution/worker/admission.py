"""Decide whether the next run fits into memory beside the running ones, so that it is not started and then killed."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from trainer.execution import inspector_client
from trainer.execution.executors.base import Executor
from trainer.format import readable_bytes
from trainer.home import Home
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["PROCESS_BYTES", "Admission", "Admits", "Decision", "Estimates", "News", "decide"]

_log = logging.getLogger("fitboard.worker")

PROCESS_BYTES = 150_000_000
"""Bytes that a training process uses regardless of what it trains.

Runs on `digits`, whose network and data are next to nothing, had 106 MB of their own at most (USS, read every 0.2 s
from their first step to their logged model); 400 MB more they share with the forkserver, which has them anyway.
"""

_TELL_SECONDS = 5.0
_MOST_KEPT = 1_000
_ANSWER_SECONDS = 1.0
_USUAL_SECONDS = 0.02
# Seconds that a run waits for its estimate before it is started without one.
_PATIENCE_SECONDS = 2.0

# Estimates the memory of training a config in bytes by the inspector, from its plain fields.
_Check = Callable[[Mapping[str, object]], int | None]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether a run may start now; `waits` is the reason if not, empty while unknown.

    Attributes:
        starts: whether it may.
        waits: why not.
        may_be_overtaken: whether runs behind it may start before it.
        holds: whether it takes up one of the worker's places while it waits and is overtaken.
        refusal: why it can never start, in a sentence; empty if it can.
    """

    starts: bool
    waits: str = ""
    may_be_overtaken: bool = False
    holds: bool = True
    refusal: str = ""

    def left(self, free: int) -> int:
        """Return how many of the free places are left for the runs behind this one."""
        if self.starts or self.may_be_overtaken:
            return free - 1 if self.holds else free
        return 0


def decide(needed: int, free: int, promised: int) -> Decision:
    """Decide from bytes: what the run needs, what is free, and what running runs have reserved but not yet used."""
    left = max(0, free - promised)
    if needed <= left:
        return Decision(starts=True)
    promise = f", of which running runs have reserved {readable_bytes(promised)}" if needed <= free else ""
    return Decision(
        starts=False,
        waits=f"waiting for memory: needs about {readable_bytes(needed)}, {readable_bytes(free)} free{promise}",
    )


class Admits(Protocol):
    """Decides which queued runs may start."""

    def look_forward(self, next_ones: Sequence[Run]) -> None:
        """Prepare for the next runs; called before each look at the queue."""
        ...

    def decide(self, run: Run, running: Sequence[str], *, held: int = 0) -> Decision:
        """Decide whether a run may start beside these."""
        ...

    def is_news(self, run: Run, decision: Decision) -> bool:
        """Return whether the run's tag ought to say why it waits."""
        ...


class _Question(NamedTuple):
    """A request to the inspector, and its time."""

    answer: "Future[int | None]"
    at: float

    @property
    def bytes(self) -> int | None:
        return self.answer.result() if self.answer.done() else None

    def is_old(self, now: float) -> bool:
        return now - self.at > _PATIENCE_SECONDS

    def is_open(self, now: float) -> bool:
        """Return whether an answer may still arrive in time, after waiting for as long as one usually takes."""
        if not self.is_old(now):
            wait([self.answer], timeout=_USUAL_SECONDS)
        return not (self.answer.done() or self.is_old(now))

    def is_vain(self, now: float) -> bool:
        """Return whether the request timed out without an answer."""
        return self.answer.done() and self.bytes is None and self.is_old(now)


class Estimates:
    """Asks the inspector in a separate thread what runs need, so that the worker never waits.

    `check` replaces the inspector's estimate in tests.
    """

    def __init__(self, home: Home, *, check: _Check | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._check = check or (lambda fields: _estimate(fields, home))
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="estimates")
        self._asked: dict[str, _Question] = {}

    def prepare(self, run: Run) -> None:
        """Request the estimate once, and again if there was no answer, since the inspector may have been loading."""
        config, asked = run.tags.get(Tag.CONFIG), self._asked.get(run.run_id)
        if config is None or (asked is not None and not asked.is_vain(self._clock())):
            return
        self._asked[run.run_id] = _Question(self._thread.submit(self._ask, config), self._clock())
        if len(self._asked) > _MOST_KEPT:
            del self._asked[next(iter(self._asked))]

    def is_open(self, run_id: str) -> bool:
        """Return whether an answer may still arrive in time, after waiting for as long as one usually takes."""
        asked = self._asked.get(run_id)
        return asked is not None and asked.is_open(self._clock())

    def needed(self, run_id: str) -> int | None:
        """Return the bytes that the run's process needs; None if unknown."""
        asked = self._asked.get(run_id)
        return None if asked is None or asked.bytes is None else asked.bytes + PROCESS_BYTES

    def _ask(self, config: str) -> int | None:
        try:
            return self._check(json.loads(config))
        except ValueError as error:
            _log.warning("The memory of a run cannot be estimated: %s", error)
            return None


class News:
    """Remembers when a reason for waiting was last written: free memory changes all the time, and each write wakes."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: float | None = None

    def is_due(self, run: Run, decision: Decision) -> bool:
        """Return whether to write it now, in which case it counts as written."""
        said, now = run.tags.get(Tag.WAITS), self._clock()
        if decision.waits == said or (said and self._told is not None and now - self._told < _TELL_SECONDS):
            return False
        self._told = now
        return True


class Admission:
    """Compares what runs need with the free memory of this machine.

    `check` replaces the inspector's estimate in tests.
    """

    def __init__(
        self,
        home: Home,
        executor: Executor,
        *,
        check: _Check | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor, self._news = executor, News(clock=clock)
        self._estimates = Estimates(home, check=check, clock=clock)

    def decide(self, run: Run, running: Sequence[str], *, held: int = 0) -> Decision:
        """Decide whether a run may start beside these; alone it always may, as it refuses itself what cannot fit.

        `held` are the bytes that the process that will train it already uses.
        """
        if not running:
            return Decision(starts=True)
        self._estimates.prepare(run)
        if self._estimates.is_open(run.run_id):
            return Decision(starts=False)
        needed = self._estimates.needed(run.run_id)
        if needed is None:
            return Decision(starts=True)
        return decide(max(0, needed - held), self._executor.free_memory(), sum(map(self._promised, running)))

    def look_forward(self, next_ones: Sequence[Run]) -> None:
        """Request the estimates of the next runs in advance, so that none has to wait for the answer."""
        for run in next_ones:
            self._estimates.prepare(run)

    def is_news(self, run: Run, decision: Decision) -> bool:
        """Whether the run's tag ought to say it."""
        return self._news.is_due(run, decision)

    def _promised(self, run_id: str) -> int:
        """Return the memory that a run has reserved but not yet used."""
        needed = self._estimates.needed(run_id)
        return 0 if needed is None else max(0, needed - self._executor.memory_held(run_id))


def _estimate(fields: Mapping[str, object], home: Home) -> int | None:
    report = inspector_client.check(fields, home, _ANSWER_SECONDS)
    return report.memory_bytes if report is not None and report.ok else None
