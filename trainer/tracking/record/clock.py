"""The times in one run's record."""

import time

__all__ = ["RunClock"]

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Unlike the monotonic clock it counts on while the machine sleeps."""


class RunClock:
    """The time as it was at the beginning plus what has passed since: setting the machine's clock does not move it.

    Args:
        earliest: milliseconds since 1970; a run that goes on after that time never writes an earlier one.
    """

    def __init__(self, *, earliest: int = 0) -> None:
        self._begun = max(time.time_ns(), earliest * 1_000_000)
        self._steady = time.clock_gettime_ns(_STEADY)

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return (self._begun + time.clock_gettime_ns(_STEADY) - self._steady) // 1_000_000
