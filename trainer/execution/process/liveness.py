"""Decide whether a run that is RUNNING has been lost."""

import time

from trainer.execution.executors.handles import is_alive
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

__all__ = ["LOST_SECONDS", "SILENT_SECONDS", "is_lost", "judged_lost", "last_heard", "silent_since"]

LOST_SECONDS = 60
"""Seconds of silence after which a run of another host is lost."""

SILENT_SECONDS = 300
"""Seconds without a metric after which a run of another program, which sends no heartbeat, is silent."""


def last_heard(run: Run) -> float:
    """Return when a running run was last heard from, in seconds since 1970: its heartbeat, or else its start.

    For a run of another program it is the time of the newest metric; MLflow stores no times of params and tags.
    """
    if run.progress is not None:
        return run.progress.time
    logged = 0 if run.by_fitboard else run.last_metric_time or 0
    return max(run.start_time or 0, logged) / 1000


def silent_since(run: Run, *, now: float) -> float | None:
    """Return when a running run was last heard from if it is silent, else None.

    Seconds since 1970, as is `now`.
    """
    # A sweep has no process; its trials have.
    reports = run.progress is not None or not (run.by_fitboard or Tag.SWEEP_QUEUE in run.tags)
    if run.status is not Status.RUNNING or not reports:
        return None
    heard = last_heard(run)
    return heard if now - heard > (SILENT_SECONDS if run.progress is None else LOST_SECONDS) else None


def judged_lost(run: Run, *, lives: bool | None, now: float) -> bool:
    """Return whether a run is RUNNING without a process: ended here, or silent for a minute elsewhere.

    Args:
        run: the run.
        lives: whether its process is alive; None if that is not visible from here.
        now: seconds since 1970.
    """
    if run.status is not Status.RUNNING or run.owner is None:
        return False
    return now - last_heard(run) > LOST_SECONDS if lives is None else not lives


def is_lost(run: Run, *, now: float | None = None) -> bool:
    """Judge a run by the processes of this machine."""
    if run.status is not Status.RUNNING or run.owner is None:
        return False
    return judged_lost(run, lives=is_alive(run.owner), now=time.time() if now is None else now)
