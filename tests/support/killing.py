"""Trainings that are cut off at any execution, as if their process had been killed, and then resumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.engine import Memory
from trainer.config import Config
from trainer.data import Splits
from trainer.engine.checkpoint_manager import CheckpointSettings
from trainer.engine.report import Outcome
from trainer.engine.train import train
from trainer.engine.training import Training
from trainer.tracking.tags import Progress

__all__ = ["Killed", "Result", "cut_and_resumed", "undisturbed"]


class Killed(BaseException):
    """Ends a training wherever it is. A `BaseException`, so that nothing in it catches this."""


@dataclass
class Mortal(Memory):
    """A reporter that kills the training after `executions_left` executions."""

    executions_left: int = 10**9

    def progressed(self, progress: Progress) -> None:
        super().progressed(progress)
        self.executions_left -= 1
        if self.executions_left < 0:
            raise Killed


@dataclass(frozen=True)
class Result:
    """Everything in the result of a training that must be identical."""

    weights: str
    epochs: Sequence[Mapping[str, float]]
    metrics: Mapping[str, float]

    @classmethod
    def of(cls, outcome: Outcome, memory: Memory) -> "Result":
        return cls(outcome.weights_sha256, memory.epochs, outcome.evaluation.metrics)


def undisturbed(config: Config, splits: Splits, **options: Any) -> Result:
    """Return the result of a training in one piece, without checkpoints."""
    memory = Memory()
    outcome, _ = train(config, splits, memory, **options)
    return Result.of(outcome, memory)


def cut_and_resumed(
    config: Config,
    splits: Splits,
    folder: Path,
    cuts: Sequence[int],
    *,
    prepared: Training | None = None,
    **options: Any,
) -> Result:
    """Return the result of a training that was killed after each number of executions in turn, then left to end.

    A checkpoint is due at every execution. The one that is killed first is `prepared`, if it is given.
    """
    keeping = CheckpointSettings(folder=folder, epoch_seconds=0.0, step_seconds=0.0)
    for cut in cuts:
        taken, prepared = prepared, None
        try:
            train(config, splits, Mortal(executions_left=cut), checkpoints=keeping, prepared=taken, **options)
        except Killed:
            continue
        raise AssertionError(f"the training ended before its {cut} executions were over")
    memory = Memory()
    outcome, _ = train(config, splits, memory, checkpoints=keeping, **options)
    return Result.of(outcome, memory)
