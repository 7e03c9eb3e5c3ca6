"""Notice that runs and sweeps of other homes do not report, by this worker's own clock."""

import time
from collections.abc import Callable, Sequence

from trainer.execution.process.liveness import LOST_SECONDS
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["Silence"]

_REPORTS = (Tag.OWNER, Tag.PROGRESS, Tag.SWEEP_BEAT)
# A look that comes later than this counts no more: neither the store nor this worker may have responded meanwhile.
_LONGEST_GAP_SECONDS = 2.0


class Silence:
    """Measures for how long the tags of running runs have not changed, however the clocks of their hosts are set."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked: float | None = None
        self._seen: dict[str, tuple[tuple[str, ...], float]] = {}

    def look(self, runs: Sequence[Run]) -> tuple[Run, ...]:
        """Return those of the runs that have been silent for a minute."""
        now = self._clock()
        passed = 0.0 if self._looked is None else min(now - self._looked, _LONGEST_GAP_SECONDS)
        self._looked = now
        seen = {}
        for run in runs:
            heard = tuple(run.tags.get(tag, "") for tag in _REPORTS)
            before, silent = self._seen.get(run.run_id, (None, 0.0))
            seen[run.run_id] = (heard, silent + passed if heard == before else 0.0)
        self._seen = seen
        return tuple(run for run in runs if seen[run.run_id][1] > LOST_SECONDS)
