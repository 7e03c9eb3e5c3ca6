"""Estimate when queued runs start, from the running runs, the order, and the durations of similar runs."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from trainer.format import counted, roughly
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["Durations", "Expected", "forecast"]

# Seconds of silence after which the end of a running run cannot be estimated.
_SILENT_SECONDS = 60

_MOMENT = 1.0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The expected start of a queued run.

    `ahead` is the number of queued runs before it, and `seconds` the time until it starts, None if it cannot be
    estimated. `guessed` is whether the duration of a run before it was unknown and assumed to be that of recent runs.
    `waits` is what the worker waits for besides a free place, in words.
    """

    ahead: int
    seconds: float | None
    guessed: bool = False
    waits: str = ""

    def words(self) -> str:
        """Describe the forecast, such as `starts in about 40 s, behind 2 runs`."""
        behind = f"behind {counted(self.ahead, 'run')}" if self.ahead else self.waits or "next in the queue"
        if self.seconds is None:
            return f"{behind}, start time unknown"
        if self.seconds < _MOMENT:
            return f"starts in a moment, {behind}"
        return f"starts in {'perhaps' if self.guessed else 'about'} {roughly(self.seconds)}, {behind}"


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Median durations of runs in seconds: by group (runs that differ only in the seed), and of all runs."""

    by_group: Mapping[str, float]
    usual: float | None

    @classmethod
    def of(cls, finished: Sequence[Run]) -> "Durations":
        """Compute the durations of finished runs."""
        groups: dict[str, list[float]] = {}
        for run in finished:
            if run.seconds is not None:
                groups.setdefault(run.tags.get(Tag.GROUP, ""), []).append(run.seconds)
        every = [seconds for group in groups.values() for seconds in group]
        by_group = {group: median(seconds) for group, seconds in groups.items() if group}
        return cls(by_group=by_group, usual=median(every) if every else None)

    def with_running(self, running: Sequence[Run]) -> "Durations":
        """Estimate the durations of groups without finished runs from the progress of running runs."""
        told = {
            run.tags.get(Tag.GROUP, ""): run.progress.estimated_end - run.started_at / 1000
            for run in running
            if run.started_at is not None and run.progress is not None and run.progress.estimated_end is not None
        }
        return replace(self, by_group=told | dict(self.by_group))

    def expect(self, run: Run) -> tuple[float, bool]:
        """Return the expected duration of a run in seconds, and whether it is a guess; infinite if nothing is known."""
        known = self.by_group.get(run.tags.get(Tag.GROUP, ""))
        if known is not None:
            return known, False
        return (math.inf if self.usual is None else self.usual), True


def forecast(
    queued: Sequence[Run], running: Sequence[Run], *, jobs: int | None, durations: Durations, now: float
) -> dict[str, Expected]:
    """Simulate the queue and return run id → expected start.

    Args:
        queued: the queued runs, in order.
        running: the running runs of the same queue.
        jobs: the number of runs that train at once; None if no worker is running, so that no start can be estimated.
        durations: the durations of earlier runs.
        now: seconds since 1970.
    """
    waiting = [run for run in queued if Tag.STOP not in run.tags]
    if jobs is None:
        return {run.run_id: Expected(ahead=ahead, seconds=None) for ahead, run in enumerate(waiting)}
    known = durations.with_running(running)
    ends = sorted(_left(run, known, now) for run in running)
    free = jobs - len(ends)
    # A worker that was restarted with fewer jobs may have adopted more runs than it has places; the first ends free
    # none.
    places = [(0.0, False)] * free + ends if free >= 0 else ends[-jobs:]
    expected = {}
    for ahead, run in enumerate(waiting):
        start, guessed = heapq.heappop(places)
        waits = "" if ahead or not ends else run.tags.get(Tag.WAITS, "")
        if waits:
            # A run that waits for memory has a free place, but nothing changes before a running run ends.
            start, guessed = max((start, guessed), ends[0])
        seconds = start if math.isfinite(start) else None
        expected[run.run_id] = Expected(ahead=ahead, seconds=seconds, guessed=guessed, waits=waits)
        takes, unsure = known.expect(run)
        heapq.heappush(places, (start + takes, guessed or unsure))
    return expected


def _left(run: Run, durations: Durations, now: float) -> tuple[float, bool]:
    """Return the seconds until a running run ends, and whether that is a guess."""
    progress = run.progress
    if progress is not None and now - progress.time > _SILENT_SECONDS:
        return math.inf, True
    if progress is not None and progress.estimated_end is not None:
        return max(0.0, progress.estimated_end - now), False
    takes, guessed = durations.expect(run)
    spent = 0.0 if run.started_at is None else now - run.started_at / 1000
    return max(0.0, takes - spent), guessed
