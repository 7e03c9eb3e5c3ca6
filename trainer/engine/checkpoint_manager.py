"""Write checkpoints from copies in parallel to the training, rarely enough not to slow it down."""

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

# Ratio of the pause after a checkpoint to its cost, so that checkpoints cost at most 1 %.
_COST_SHARE = 100

# Seconds; however expensive a checkpoint is, at most a minute of training is lost.
_LONGEST_PAUSE = 45.0


@dataclass(frozen=True, kw_only=True)
class CheckpointSettings:
    """The folder of checkpoints, and the minimum seconds between two: after an epoch, and within one."""

    folder: Path
    epoch_seconds: float = 1.0
    step_seconds: float = 15.0


class CheckpointManager:
    """Keeps the last two checkpoints of a run, each written by its own thread."""

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
        """Note that training resumed from this checkpoint, which is kept until the next one is written."""
        self._before = checkpoint.name

    def is_due(self, *, within_epoch: bool) -> bool:
        """Return whether the last checkpoint is written and old enough."""
        least = self._keeping.step_seconds if within_epoch else self._keeping.epoch_seconds
        pause = min(max(least, self._cost * _COST_SHARE), max(least, _LONGEST_PAUSE))
        busy = self._writer is not None and self._writer.is_alive()
        return not busy and time.monotonic() - self._last >= pause

    def keep(self, checkpoint: Checkpoint, *, cost: float) -> None:
        """Hand a checkpoint to the writer; `cost` is the seconds that creating it took the training."""
        self.close()
        self._last, self._cost = time.monotonic(), cost
        self._writer = threading.Thread(target=self._write, args=(checkpoint,), name="fitboard-checkpoint")
        self._writer.start()

    def close(self) -> None:
        """Wait for the checkpoint that is being written."""
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
