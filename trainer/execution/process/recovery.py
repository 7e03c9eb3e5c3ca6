"""Decide what happens to a run whose training process died, for the worker and for runs in the foreground."""

from dataclasses import dataclass
from pathlib import Path

from trainer.execution.limits import OVER_MEMORY
from trainer.execution.process.attempts import MOST_ATTEMPTS, attempts
from trainer.execution.process.exit_status import PUT_BACK, STORE_AWAY, reason_of
from trainer.tracking.files import LOG_FILE
from trainer.tracking.record.notes import is_unsaved
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

__all__ = ["KILL", "Death", "Recovery", "is_over", "recover"]

KILL = "kill"
"""The value of `fitboard.stop` that requests a kill, without an evaluation."""


@dataclass(frozen=True, kw_only=True)
class Death:
    """How a training process ended, and what its run's folder contains.

    `exit_code` is negative for a signal and None if unknown; `reason` explains it in a sentence. `attempts` counts the
    earlier restarts of the run. `unsaved` is whether training was complete but not saved in the store. `killed` and
    `breach` are set if Fitboard ended the process: as a person requested, or for exceeding its memory limit.
    """

    exit_code: int | None
    reason: str
    attempts: int = 0
    unsaved: bool = False
    killed: bool = False
    breach: str | None = None

    @classmethod
    def seen(
        cls,
        folder: Path,
        exit_code: int | None,
        *,
        reason: str = "",
        killed: bool = False,
        breach: str | None = None,
    ) -> "Death":
        """Read the run's folder. `reason` is what the executor knows beyond the exit code."""
        return cls(
            exit_code=exit_code,
            reason=reason_of(exit_code, folder / LOG_FILE, known=reason),
            attempts=attempts(folder),
            unsaved=is_unsaved(folder),
            killed=killed,
            breach=breach,
        )


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What happens to the run.

    `status` is SCHEDULED if the run resumes from its checkpoint, its final status if it ends, or None if it has already
    ended. `failure` and `stop` are the tags that it ends with. `attempt` is the number of the new attempt, 0 if it does
    not count as one.
    """

    status: Status | None
    failure: str = ""
    stop: str | None = None
    attempt: int = 0

    @property
    def counted(self) -> str:
        """The attempt, such as ` (attempt 1 of 3)`; empty if it does not count."""
        return f" (attempt {self.attempt} of {MOST_ATTEMPTS})" if self.attempt else ""


def recover(run: Run, death: Death) -> Recovery:
    """Decide by the run's record and its process's death only; read and write nothing."""
    if run.status is not Status.RUNNING:
        return Recovery(status=None)
    if death.killed:
        return Recovery(status=Status.KILLED)
    if death.breach is not None:
        return Recovery(status=Status.FAILED, failure=death.breach, stop=OVER_MEMORY)
    # Before the exit codes: a run that a person stopped must not start again, whatever ended its process.
    if is_over(run, unsaved=death.unsaved):
        return Recovery(status=Status.KILLED)
    # The run itself did nothing wrong, so this does not count as an attempt.
    if death.exit_code in {STORE_AWAY, PUT_BACK}:
        return Recovery(status=Status.SCHEDULED)
    if death.attempts >= MOST_ATTEMPTS:
        failure = f"{death.reason} The run had already been restarted {MOST_ATTEMPTS} times."
        return Recovery(status=Status.FAILED, failure=failure)
    return Recovery(status=Status.SCHEDULED, attempt=death.attempts + 1)


def is_over(run: Run, *, unsaved: bool) -> bool:
    """Return whether a run without a process was stopped and has nothing left to evaluate and save."""
    stop = run.tags.get(Tag.STOP)
    return stop == KILL or (bool(stop) and not unsaved)
