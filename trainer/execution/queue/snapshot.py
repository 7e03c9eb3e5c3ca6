"""A snapshot of a queue: running runs, queued runs in order, and their expected start."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from trainer.execution.queue.enqueue import queue_name, worker_jobs
from trainer.execution.queue.forecast import Durations, Expected, forecast
from trainer.execution.queue.team import team_queue
from trainer.home import Home
from trainer.tracking.read.find import queued_runs, running_runs
from trainer.tracking.reader import RunQuery, RunReader
from trainer.tracking.run import Run, Status

__all__ = ["Outlook", "look_ahead", "recent_durations"]

_RECENT = 100


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The state of one queue. `jobs` is the number of runs its worker trains at once; None if no worker serves it."""

    queue: str
    jobs: int | None
    running: tuple[Run, ...]
    queued: tuple[Run, ...]
    expected: Mapping[str, Expected]


def look_ahead(
    reader: RunReader, queue: str, *, home: Home, durations: Durations | None = None, now: float | None = None
) -> Outlook:
    """Read a queue of the store, and estimate when its runs start.

    Workers of other homes are assumed to have as many places as running runs, and to be unknown without any.
    `durations` are read from the store by default.
    """
    queued, running = queued_runs(reader, queue), running_runs(reader, queue)
    jobs = _jobs(queue, home, len(running))
    known = recent_durations(reader) if durations is None else durations
    expected = forecast(queued, running, jobs=jobs, durations=known, now=time.time() if now is None else now)
    return Outlook(queue=queue, jobs=jobs, running=running, queued=queued, expected=expected)


def _jobs(queue: str, home: Home, running: int) -> int | None:
    is_own = queue == queue_name(home)
    own = worker_jobs(home) if is_own else None
    if is_own and not team_queue():
        return own
    return max(own or 0, running) or None


def recent_durations(reader: RunReader) -> Durations:
    """Return the durations of the newest hundred finished runs."""
    return Durations.of(reader.page(RunQuery(statuses=(Status.FINISHED,), limit=_RECENT)).runs)
