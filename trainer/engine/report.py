"""What a training reports while it runs, and the protocol of its reporter. No TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trainer.tracking.predictions import Predictions
from trainer.tracking.tags import Progress

__all__ = ["Evaluation", "Facts", "Outcome", "Reporter", "Threads"]


@dataclass(frozen=True, kw_only=True)
class Threads:
    """How TensorFlow computes in a process. Part of a run's record, because all of it may change bits.

    Attributes:
        intra: threads within an operation.
        inter: threads between operations.
        grappler: whether TensorFlow's graph optimizer rewrites traced functions; it was on for runs without a record.
    """

    intra: int
    inter: int
    grappler: bool = True


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known when training starts."""

    parameters: int
    trainable_parameters: int
    threads: Threads
    steps: int
    steps_per_execution: int
    data_digest: str
    samples: Mapping[str, int]
    preparation_digest: str | None = None
    """The SHA-256 of what the preparation of a file's data has fitted, None for all other data."""
    notes: Sequence[str] = ()
    """Sentences for the record, such as an operation without a deterministic form."""
    start_weights: str | None = None
    """The SHA-256 of the weights that the training started from; None if they were random."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The evaluation on the test data; `files` are about the validation data if there is no test data.

    `files` are JSON documents by name: `confusion.json` (`labels`, `counts` by true row and predicted
    column), `mistakes.json` (the worst, each with `index`, `true`, `predicted`, `confidence`, and `x`
    where a sample is small, or an image), `predictions.json` (`actual`, `predicted`, thinned to 2,000) in a regression;
    for time series also the names of the `targets`, and `last`, what repeating the last value predicts;
    `labels.json` (`thresholds`, and `counts` by label and threshold of true and false positives, false and true
    negatives) with several labels at once.
    `predictions` has the prediction for every sample; None if outputs cannot be assigned to classes or targets.
    """

    metrics: Mapping[str, float]
    files: Mapping[str, Any] = field(default_factory=dict)
    predictions: Predictions | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a training. `history` has the values of each metric by epoch.

    `kept_epoch` is the epoch (1, 2, …) whose weights a callback restored; None if the last weights were kept.
    `ended_by` is the name of the callback that stopped the training early, or an empty string.
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
    """Receives reports from the thread of a training. Every method returns at once and raises nothing."""

    def phase(self, text: str) -> None:
        """Report the current phase in words, outside training."""
        ...

    def began(self, facts: Facts) -> None:
        """Report that training starts."""
        ...

    def progressed(self, progress: Progress) -> None:
        """Report the progress; called after every execution."""
        ...

    def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
        """Report a completed epoch (1, 2, …) with all its metrics."""
        ...

    def stop_requested(self) -> bool:
        """Return whether a person requested a stop."""
        ...

    def leave_requested(self) -> bool:
        """Return whether the process must exit at once, with a checkpoint and without an evaluation."""
        ...
