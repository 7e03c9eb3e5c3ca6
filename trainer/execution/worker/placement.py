"""Decide when a queued run starts on an executor that chooses a machine for it."""

import time
from collections.abc import Callable, Mapping, Sequence

from trainer.execution.executors.base import PlacingExecutor
from trainer.execution.worker.admission import Decision, Estimates, News
from trainer.home import Home
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["Placement"]

# More runs than there is room for ask for a place, so that one has it as soon as another run ends, and so that a
# cluster that can grow does; asking for hundreds would take seconds.
_AHEAD = 4


class Placement:
    """Asks the executor for a place for each run that the worker could start; a run that waits may be overtaken.

    `check` replaces the inspector's estimate in tests.
    """

    def __init__(
        self,
        home: Home,
        executor: PlacingExecutor,
        *,
        check: Callable[[Mapping[str, object]], int | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor, self._news = executor, News(clock=clock)
        self._estimates = Estimates(home, check=check, clock=clock)
        self._asked: set[str] = set()

    def look_forward(self, next_ones: Sequence[Run]) -> None:
        """Request the estimates of the next runs; give up the places of those that the last look did not ask for."""
        self._executor.keep_reserved(self._asked)
        self._asked = set()
        for run in next_ones:
            self._estimates.prepare(run)

    def decide(self, run: Run, running: Sequence[str], *, held: int = 0) -> Decision:
        """Decide whether a run may start; how many run beside it on its machine is the executor's business."""
        if len(running) + len(self._asked) >= self._executor.capacity + _AHEAD:
            return Decision(starts=False, waits="waiting for a free node")
        self._estimates.prepare(run)
        self._asked.add(run.run_id)
        if self._estimates.is_open(run.run_id):
            return Decision(starts=False, may_be_overtaken=True)
        needed, config = self._estimates.needed(run.run_id), run.tags.get(Tag.CONFIG)
        place = self._executor.reserve(run.run_id, memory=needed, config=config)
        if place.is_free:
            # From here on it counts as running.
            self._asked.discard(run.run_id)
        waits = f"waiting for {place.waits}" if place.waits else ""
        return Decision(
            starts=place.is_free,
            waits=waits,
            may_be_overtaken=True,
            holds=place.is_possible and not place.refusal,
            refusal=place.refusal,
        )

    def is_news(self, run: Run, decision: Decision) -> bool:
        """Whether the run's tag ought to say why it waits."""
        return self._news.is_due(run, decision)
