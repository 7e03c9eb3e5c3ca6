"""Where runs are executed: the protocol that every executor follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer.execution.process.job import Job
from trainer.tracking.tags import Owner

__all__ = ["Ended", "Executor"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A training process that is gone. `exit_code` is negative for a signal, None where nobody could see it."""

    run_id: str
    exit_code: int | None


class Executor(Protocol):
    """Executes runs somewhere, and is all that the worker knows of their processes. Every method returns at once.

    A process is known by its handle, an `Owner`. To the worker it is opaque: it keeps the handle in the run's record
    and asks an executor about it, which may be the one of a later worker.
    """

    def own_handle(self) -> Owner:
        """The handle of the worker itself, in whose name a run is claimed before it has a process."""
        ...

    def submit(self, job: Job) -> Owner:
        """Starts the run's process."""
        ...

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Takes charge of a living process that somebody else started."""
        ...

    def is_alive(self, handle: Owner) -> bool | None:
        """Whether a process lives, whoever started it; None where that cannot be seen from here."""
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
