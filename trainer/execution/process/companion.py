"""Train several runs in one process, or prepare one for a run to come: the process's end of the connection.

The worker sends jobs through a pipe. A process that can train another run answers `Done` and waits; any other exits
with the status of its run. When the pipe closes, an idle process exits, so none outlives its worker.
"""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection

from trainer.errors import FitboardError
from trainer.execution.process.exit_status import PUT_BACK
from trainer.execution.process.job import Job
from trainer.execution.process.parent import end_with_parent, outlive_parent
from trainer.execution.process.run_job import run_job
from trainer.execution.process.workplace import Done, Fit, Order, Ready, Workplace

__all__ = ["keep_training"]

_PAUSE_SECONDS = 0.5
"""Seconds without a job before preparing for another one like the last; a queued run comes sooner."""


def keep_training(line: Connection, first: Job | Order, *, tied: bool = False) -> None:
    """Do the job, or prepare what is ordered, then do further jobs; exit if it cannot do another.

    If `tied`, the kernel kills the process when its forkserver ends.
    """
    if tied:
        end_with_parent(signal.SIGKILL)
    # Ctrl-C in a terminal reaches the whole process group, but only the worker ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    place = Workplace(keeps=True)
    job: Job | None
    if isinstance(first, Order):
        _tell(line, Ready(fit=_prepared(place, first, tied=tied)))
        job = _next(line)
    else:
        job = first
    while job is not None:
        status = run_job(job, place)
        if place.fit is None:
            sys.exit(status)
        # Between two runs nobody is there to leave a checkpoint for.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with open(os.devnull, "wb") as nowhere:
            _print_to(nowhere.fileno())
        _tell(line, Done(run_id=job.run_id, status=status, fit=place.fit))
        job = _next(line, _PAUSE_SECONDS, place.freshen)


def _prepared(place: Workplace, order: Order, *, tied: bool) -> Fit:
    """Prepare what is ordered; exit if that is not possible.

    The output is kept for the log of the next run, where it would be in a process that was started for it.
    """
    end_with_parent(signal.SIGKILL)
    with tempfile.TemporaryFile() as output:
        _print_to(output.fileno())
        # If a run follows, it fails with the same error and reports it.
        with contextlib.suppress(FitboardError):
            place.prepare(order)
        _print_to(output.fileno())
        output.seek(0)
        place.printed = output.read().decode(errors="replace")
    if place.fit is None:
        # A job that is waiting in the pipe by now gets a process of its own.
        sys.exit(PUT_BACK)
    # From here on the closed pipe shows that the worker is gone, and a training must survive it.
    if not tied:
        outlive_parent()
    return place.fit


def _print_to(descriptor: int) -> None:
    """Redirect everything that is printed from now on, also by native code, to an open file."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())


def _tell(line: Connection, what: Ready | Done) -> None:
    with contextlib.suppress(OSError):
        line.send(what)


def _next(line: Connection, pause: float | None = None, prepare: Callable[[], None] = lambda: None) -> Job | None:
    """Wait for the next job and return it; None if the worker has exited or closed the pipe.

    `prepare` is called if no job comes within `pause` seconds.
    """
    try:
        if pause is not None and not line.poll(pause):
            prepare()
        job = line.recv()
    except (EOFError, OSError):
        return None
    return job if isinstance(job, Job) else None
