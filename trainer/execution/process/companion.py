"""A training process that outlives its run for a moment, or is there before it: the side of the process.

The worker is at the other end of a pipe. It sends jobs; a process that can train another run says `Done` and waits,
any other exits with its run's status. The end of the pipe ends the process, so it never outlives its worker idle.
"""

import contextlib
import os
import signal
import sys
import tempfile
from multiprocessing.connection import Connection

from trainer.errors import FitboardError
from trainer.execution.process.exit_status import PUT_BACK
from trainer.execution.process.job import Job
from trainer.execution.process.parent import end_with_parent, outlive_parent
from trainer.execution.process.run_job import run_job
from trainer.execution.process.workplace import Done, Fit, Order, Ready, Workplace

__all__ = ["keep_training"]


def keep_training(line: Connection, first: Job | Order) -> None:
    """Does the job, or prepares what is ordered, then does the jobs that come; exits where it can do none."""
    # Ctrl-C in a terminal reaches the whole process group, but only the worker ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    place = Workplace(keeps=True)
    job: Job | None
    if isinstance(first, Order):
        _tell(line, Ready(fit=_prepared(place, first)))
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
        job = _next(line)


def _prepared(place: Workplace, order: Order) -> Fit:
    """Prepares what is ordered; exits where that cannot be done.

    What is printed meanwhile belongs in the log of the run that comes, as in a process that was started for it.
    """
    end_with_parent(signal.SIGKILL)
    with tempfile.TemporaryFile() as output:
        _print_to(output.fileno())
        # The run itself will say what is wrong, if there is ever one.
        with contextlib.suppress(FitboardError):
            place.prepare(order)
        _print_to(output.fileno())
        output.seek(0)
        place.printed = output.read().decode(errors="replace")
    if place.fit is None:
        # A job that is waiting in the pipe by now gets a process of its own.
        sys.exit(PUT_BACK)
    # From here on the end of the pipe says that the worker is gone, and a training goes on without one.
    outlive_parent()
    return place.fit


def _print_to(descriptor: int) -> None:
    """Has everything that is printed from here on, by native code too, go to an open file."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())


def _tell(line: Connection, what: Ready | Done) -> None:
    with contextlib.suppress(OSError):
        line.send(what)


def _next(line: Connection) -> Job | None:
    """The next job, waited for; None where the worker is gone or hangs up."""
    try:
        job = line.recv()
    except (EOFError, OSError):
        return None
    return job if isinstance(job, Job) else None
