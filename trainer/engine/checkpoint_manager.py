"""Writes checkpoints beside the training, from copies, and never so often that it would be felt."""

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from trainer.engine.checkpoint import Checkpoint, checkpoint_files, write_checkpoint
from trainer.tracking.files import TORN_CHECKPOINTS

__all__ = ["CheckpointManager", "CheckpointSettings"]

_log = logging.getLogger("fitboard.checkpoint")

_COST_SHARE = 100
"""A checkpoint is followed by so many times what it cost the training, so that it costs 1 % at most."""

_LONGEST_PAUSE = 45.0
"""Seconds: however dear a checkpoint is, no more than a minute of work is lost."""


@dataclass(frozen=True, kw_only=True)
class CheckpointSettings:
    """Where checkpoints go, and how many seconds lie between two at least: after an epoch, and within one."""

    folder: Path
    epoch_seconds: float = 1.0
    step_seconds: float = 15.0


class CheckpointManager:
    """Keeps the last two checkpoints of a run, each written by a thread of its own."""

    def __init__(self, keeping: CheckpointSettings) -> None:
        self._keeping = keeping
        self._last = time.monotonic()
        self._cost = 0.0
        self._writer: threading.Thread | None = None
        self._failed = False
        files = checkpoint_files(keeping.folder)
        self._before = files[0].name if files else ""
        for torn in keeping.folder.glob(TORN_CHECKPOINTS):
            with contextlib.suppress(OSError):
                torn.unlink()  # of a process that was killed while it wrote

    def loaded(self, checkpoint: Checkpoint) -> None:
        """The training goes on from this one, so it is the one to keep until the next is written."""
        self._before = checkpoint.name

    def is_due(self, *, within_epoch: bool) -> bool:
        """Whether the last one is old enough, and written."""
        least = self._keeping.step_seconds if within_epoch else self._keeping.epoch_seconds
        pause = min(max(least, self._cost * _COST_SHARE), max(least, _LONGEST_PAUSE))
        busy = self._writer is not None and self._writer.is_alive()
        return not busy and time.monotonic() - self._last >= pause

    def keep(self, checkpoint: Checkpoint, *, cost: float) -> None:
        """Hands a checkpoint to the writer; `cost` is the seconds that making it took the training."""
        self.close()
        self._last, self._cost = time.monotonic(), cost
        self._writer = threading.Thread(target=self._write, args=(checkpoint,), name="fitboard-checkpoint")
        self._writer.start()

    def close(self) -> None:
        """Waits for the checkpoint that is being written."""
        if self._writer is not None:
            self._writer.join()

    def _write(self, checkpoint: Checkpoint) -> None:
        try:
            self._keeping.folder.mkdir(parents=True, exist_ok=True)
            written = write_checkpoint(checkpoint, self._keeping.folder).name
            for file in checkpoint_files(self._keeping.folder):
                if file.name not in {written, self._before}:
                    file.unlink(missing_ok=True)
        except OSError as error:
            if not self._failed:
                _log.warning(
                    "The checkpoint could not be written (%s); training continues with the previous one.",
                    error.strerror,
                )
            self._failed = True
            return
        self._failed, self._before = False, written
