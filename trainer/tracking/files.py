"""The names of a run's files: its artifacts, and those in its folder in home."""

import re
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "CHECKPOINTS",
    "CONFIG_FILE",
    "CONFUSION_FILE",
    "ENVIRONMENT_FILE",
    "EVALUATION",
    "LABELS_FILE",
    "LOG_FILE",
    "MISTAKES_FILE",
    "PREDICTIONS_FILE",
    "PREPARATION_FILE",
    "SAMPLES_FILE",
    "SHARED_CHECKPOINT",
    "SWEEP_FILE",
    "TORN_CHECKPOINTS",
    "CheckpointPlace",
    "checkpoint_name",
    "checkpoint_places",
]

CONFIG_FILE = "config.yaml"
SWEEP_FILE = "sweep.yaml"
"""The file of a sweep, an artifact of the run that its trials are nested in."""
ENVIRONMENT_FILE = "environment.json"
PREPARATION_FILE = "preparation.json"
"""Says how samples became what the network was trained on; runs before it was written have none."""
EVALUATION = "evaluation"
"""The folder of what was measured once, at the run's end."""
CONFUSION_FILE, MISTAKES_FILE, PREDICTIONS_FILE = "confusion.json", "mistakes.json", "predictions.json"
LABELS_FILE = "labels.json"
"""Of several labels at once: the confusion of each, by threshold."""
SAMPLES_FILE = "samples.npz"
"""The prediction for every sample, as in `trainer.tracking.predictions`; runs before it was written have none."""
LOG_FILE = "log.txt"
"""Written in home, and logged as an artifact when the run ends."""

CHECKPOINTS = "checkpoint-*.bin"
"""The pattern of checkpoints in a run's folder."""
SHARED_CHECKPOINT = "checkpoint/latest.bin"
"""The artifact with a copy of the latest checkpoint, while a run of a team's queue trains."""
TORN_CHECKPOINTS = "checkpoint-*.tmp"
"""Those that were not written to their end."""

_CHECKPOINT = re.compile(r"checkpoint-(\d+)-(\d+)\.bin")


class CheckpointPlace(NamedTuple):
    """What a checkpoint's name says: the finished epochs, and the steps within the one under way."""

    epoch: int
    step: int


def checkpoint_name(epoch: int, step: int) -> str:
    """Return the file's name; names sort as the training goes.

    >>> checkpoint_name(3, 120)
    'checkpoint-0000003-000000120.bin'
    """
    # Padded with zeros, so that the order of names is that of the training.
    return f"checkpoint-{epoch:07d}-{step:09d}.bin"


def checkpoint_places(folder: Path) -> list[CheckpointPlace]:
    """What the checkpoints in a run's folder are of, in the order of the training."""
    found = (_CHECKPOINT.fullmatch(file.name) for file in folder.glob(CHECKPOINTS))
    return sorted(CheckpointPlace(int(each[1]), int(each[2])) for each in found if each)
