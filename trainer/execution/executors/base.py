"""Where runs are executed: the protocol that every executor follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer.execution.process.job import Job
from trainer.tracking.tags import Owner

__all__ = ["Ended", "Executor", "Processes"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A training process that is gone. `exit_code` is negative for a signal, None where nobody could see it."""

    run_id: str
    exit_code: int | None


class Processes(Protocol):
    """What can be asked of a process by its handle alone, whoever started it. Every method returns at once.

    To all others a handle, an `Owner`, is opaque: it is kept in the run's record.
    """

    def own_handle(self) -> Owner:
        """The handle of the process that asks."""
        ...

    def is_alive(self, handle: Owner) -> bool | None:
        """Whether a process lives; None where that cannot be seen from here."""
        ...

    def kill(self, handle: Owner) -> bool:
        """Ends a process by force; whether it lived and was told."""
        ...


class Executor(Processes, Protocol):
    """Executes runs somewhere, and is all that the worker knows of their processes. Every method returns at once.

    The worker claims a run in the name of its own handle before the run has a process. A handle in a run's record
    may have been written by an earlier worker, and is asked of a later one's executor.
    """

    def submit(self, job: Job) -> Owner:
        """Starts the run's process."""
        ...

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Takes charge of a living process that somebody else started."""
        ...

    def alive(self) -> Sequence[str]:
        """The runs, submitted or adopted, whose processes live."""
        ...

    def ended(self) -> Sequence[Ended]:
        """The submitted and adopted processes that have gone since the last call."""
        ...

    def ask_to_leave(self, run_id: str) -> None:
        """Asks the run's process to leave with a checkpoint; without one that lives, nothing is done."""
        ...

    def cancel(self, run_id: str) -> None:
        """Ends the run's process by force; without one that lives, nothing is done."""
        ...

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Bytes that the run's process takes, exact above `beyond`; None where it is gone or cannot be looked at."""
        ...

    def memory_held(self, run_id: str) -> int:
        """Bytes that would be free again if the run's process ended; 0 where it is gone."""
        ...

    def free_memory(self) -> int:
        """Bytes that further runs can take without harm to those that are running."""
        ...
