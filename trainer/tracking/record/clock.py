"""The clock of a run's record, and the schedule of sending it."""

import time
from collections.abc import Callable

__all__ = ["PERIOD_SECONDS", "RunClock", "Timetable"]

PERIOD_SECONDS = 1.0
"""Seconds between two heartbeats, and between two batches of points."""

_SYSTEM_PERIOD_SECONDS = 10.0
_FIRST_EPOCH_SECONDS = 0.4
"""Files and records wait this long for a run's first points, which would otherwise come later for them."""

_LONGEST_PAUSE_SECONDS = 15.0

# Unlike the monotonic clock, it continues while the machine sleeps.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class RunClock:
    """The start time plus the elapsed time, so that setting the machine's clock does not affect it.

    Args:
        earliest: milliseconds since 1970; a run that goes on after that time never writes an earlier one.
    """

    def __init__(self, *, earliest: int = 0) -> None:
        self._begun = max(time.time_ns(), earliest * 1_000_000)
        self._steady = time.clock_gettime_ns(_STEADY)

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return (self._begun + time.clock_gettime_ns(_STEADY) - self._steady) // 1_000_000


class Timetable:
    """The schedule of the recorder's thread.

    Args:
        clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        now = clock()
        self._points_at = now
        self._beat_at = now
        self._system_at = now
        self._retry_at = now
        self._others_at = now + _FIRST_EPOCH_SECONDS
        self._failed_at = now - PERIOD_SECONDS
        self._failures = 0

    def pause(self, *, points: bool, others: bool, closing: bool) -> float:
        """Return the seconds until there is something to do; 0 or less if there already is.

        Args:
            points: whether points wait to be sent.
            others: whether tags, params or tasks wait.
            closing: whether the run has ended, so that nothing waits for its second.
        """
        now = self._clock()
        if closing:
            return min(self._retry_at, self._failed_at + PERIOD_SECONDS) - now
        due = min(self._beat_at, self._points_at) if points else self._beat_at
        due = min(due, max(now, self._others_at)) if others else due
        return max(due, self._retry_at) - now

    def beat_due(self) -> bool:
        """Return whether a heartbeat is due."""
        return self._clock() >= self._beat_at

    def system_due(self) -> bool:
        """Return whether to sample the machine now, and schedule the next sample."""
        now = self._clock()
        if now < self._system_at:
            return False
        self._system_at = now + _SYSTEM_PERIOD_SECONDS
        return True

    def sent(self, *, points: bool, beat: bool) -> None:
        """Note what has reached the store."""
        now = self._clock()
        self._failures = 0
        if points:
            self._points_at = now + PERIOD_SECONDS
            self._others_at = now
        if beat:
            self._beat_at = now + PERIOD_SECONDS

    def failed(self) -> None:
        """Note that the store did not respond; retry after 1, 2, 4, … 15 seconds."""
        now = self._clock()
        pause = min(PERIOD_SECONDS * 2.0**self._failures, _LONGEST_PAUSE_SECONDS)
        self._failures += 1
        self._failed_at = now
        self._retry_at = now + pause
