"""What a training tells while it runs, and to whom. No TensorFlow here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trainer.tracking.tags import Progress

__all__ = ["Evaluation", "Facts", "Outcome", "Reporter", "Threads"]


@dataclass(frozen=True, kw_only=True)
class Threads:
    """How TensorFlow computes in a process. Part of a run's record, because all of it may change bits.

    Attributes:
        intra: threads within an operation.
        inter: threads between operations.
        grappler: whether TensorFlow's graph optimizer rewrites what is traced. Runs recorded without it had it on.
    """

    intra: int
    inter: int
    grappler: bool = True


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known when training begins."""

    parameters: int
    trainable_parameters: int
    threads: Threads
    steps: int
    steps_per_execution: int
    data_digest: str
    samples: Mapping[str, int]
    notes: Sequence[str] = ()
    """Sentences for the record, such as an operation without a deterministic form."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How the trained network did on the test part; `files` are about the validation part where there is none.

    `files` are JSON documents by name: `confusion.json` (`labels`, `counts` by true row and predicted
    column), `mistakes.json` (the worst, each with `index`, `true`, `predicted`, `confidence`, and `x`
    where a sample is small, or an image), `predictions.json` (`actual`, `predicted`, thinned to 2,000) in a regression.
    """

    metrics: Mapping[str, float]
    files: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a training ended. `history` has each metric's values by epoch.

    `kept_epoch` is the epoch (1, 2, …) whose weights a callback put back; None where they are as training left them.
    `ended_by` is the callback that ended the training before its last epoch, empty where none did.
    """

    epochs: int
    stopped: bool
    weights_sha256: str
    seconds: float
    evaluation: Evaluation
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    kept_epoch: int | None = None
    ended_by: str = ""


class Reporter(Protocol):
    """Told of a training by its thread. Every method returns at once and raises nothing: sending is its own affair."""

    def phase(self, text: str) -> None:
        """What is done now, in words, where it is not training."""
        ...

    def began(self, facts: Facts) -> None:
        """Training begins."""
        ...

    def progressed(self, progress: Progress) -> None:
        """Where it is; called after every execution, so it only keeps the last."""
        ...

    def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
        """An epoch (1, 2, …) is complete, with every metric of it."""
        ...

    def stop_requested(self) -> bool:
        """Whether a person asked to stop."""
        ...

    def leave_requested(self) -> bool:
        """Whether the process has to go at once, with a checkpoint and without an evaluation."""
        ...
