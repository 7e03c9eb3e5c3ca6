"""The protocol of the executors, which execute runs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer.execution.process.job import Job
from trainer.tracking.tags import Owner

__all__ = ["Ended", "Executor", "Place", "PlacingExecutor", "Processes"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A training process that has ended. `exit_code` is negative for a signal, None if unknown.

    `reason` is why it ended, in a sentence, if the executor knows more than the exit code says.
    """

    run_id: str
    exit_code: int | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place that an executor has for a run.

    Attributes:
        is_free: whether the run can be submitted now.
        waits: why it cannot, as words that follow "waiting for"; empty for the first moments.
        is_possible: whether the executor could ever place the run as it is now; if not, others may start before it.
        refusal: why the run can never start, in a sentence; empty if it can.
    """

    is_free: bool
    waits: str = ""
    is_possible: bool = True
    refusal: str = ""


class Processes(Protocol):
    """Operations on a process by its handle, whoever started it. Every method returns at once.

    To all others a handle, an `Owner`, is opaque: it is kept in the run's record.
    """

    def own_handle(self) -> Owner:
        """Return the handle of the calling process."""
        ...

    def is_alive(self, handle: Owner) -> bool | None:
        """Return whether a process is alive; None if that is not visible from here."""
        ...

    def kill(self, handle: Owner) -> bool:
        """Kill a process; return whether it was alive and signaled."""
        ...


class Executor(Processes, Protocol):
    """Executes runs; the worker knows their processes only through it. Every method returns at once.

    The worker claims a run in the name of its own handle before the run has a process. A handle in a run's record
    may have been written by an earlier worker, and is asked of a later one's executor.
    """

    def submit(self, job: Job) -> Owner:
        """Start the run's process."""
        ...

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Take charge of a living process that was started elsewhere."""
        ...

    def alive(self) -> Sequence[str]:
        """Return the submitted and adopted runs whose processes are alive."""
        ...

    def ended(self) -> Sequence[Ended]:
        """Return the submitted and adopted processes that have ended since the last call."""
        ...

    def ask_to_leave(self, run_id: str) -> None:
        """Ask the run's process to exit with a checkpoint; do nothing if it is not alive."""
        ...

    def cancel(self, run_id: str) -> None:
        """Kill the run's process; do nothing if it is not alive."""
        ...

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Return the memory of the run's process in bytes, exact above `beyond`; None if it is not accessible."""
        ...

    def memory_held(self, run_id: str) -> int:
        """Return the bytes that ending the run's process would free; 0 if it no longer exists."""
        ...

    def free_memory(self) -> int:
        """Return the bytes that further runs can use without affecting the running ones."""
        ...


class PlacingExecutor(Executor, Protocol):
    """An executor with several machines, which chooses one for each run before the run is submitted."""

    @property
    def capacity(self) -> int:
        """The number of runs that it has room for as things are."""
        ...

    def reserve(self, run_id: str, *, memory: int | None, config: str | None) -> Place:
        """Ask for a place for a queued run, or say how far that is.

        Args:
            run_id: the run.
            memory: bytes that its process is estimated to need; None if unknown.
            config: canonical JSON of its config, whose files the machine must have; None if it is not known here.
        """
        ...

    def keep_reserved(self, run_ids: Collection[str]) -> None:
        """Give up the places of all runs but these."""
        ...
