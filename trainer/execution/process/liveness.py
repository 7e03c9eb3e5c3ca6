"""Whether a run that says it is running has been lost: the one place where that is judged."""

import time

from trainer.execution.process.identity import is_alive
from trainer.tracking.run import Run, Status

__all__ = ["LOST_SECONDS", "is_lost", "judged_lost", "last_heard"]

LOST_SECONDS = 60
"""A run of another host that said nothing for so long is lost."""


def last_heard(run: Run) -> float:
    """When a running run was last heard from, in seconds since 1970: its heartbeat, or else its start."""
    return run.progress.time if run.progress is not None else (run.start_time or 0) / 1000


def judged_lost(run: Run, *, lives: bool | None, now: float) -> bool:
    """Whether a run says that it is running, and no process does: gone here, or silent for a minute elsewhere.

    Args:
        run: which.
        lives: whether its process does; None where that cannot be seen from here.
        now: seconds since 1970.
    """
    if run.status is not Status.RUNNING or run.owner is None:
        return False
    return now - last_heard(run) > LOST_SECONDS if lives is None else not lives


def is_lost(run: Run, *, now: float | None = None) -> bool:
    """The judgement on a run, with a look at the processes of this machine."""
    if run.status is not Status.RUNNING or run.owner is None:
        return False
    return judged_lost(run, lives=is_alive(run.owner), now=time.time() if now is None else now)
