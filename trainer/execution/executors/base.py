"""Where runs are executed: the protocol that every executor follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer.execution.process.job import Job
from trainer.tracking.types import Owner

__all__ = ["Ended", "Executor"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A training process that is gone. `exit_code` is negative for a signal, None where nobody could see it."""

    run_id: str
    exit_code: int | None


class Executor(Protocol):
    """Executes runs somewhere. Every method returns at once."""

    def submit(self, job: Job) -> Owner:
        """Starts the run's process and says who it is."""
        ...

    def ask_to_leave(self, run_id: str) -> None:
        """Asks the run's process to leave with a checkpoint."""
        ...

    def cancel(self, run_id: str) -> None:
        """Ends the run's process by force."""
        ...

    def alive(self) -> Sequence[str]:
        """The ids of the runs whose processes live."""
        ...

    def ended(self) -> Sequence[Ended]:
        """The processes that have gone since the last call."""
        ...
