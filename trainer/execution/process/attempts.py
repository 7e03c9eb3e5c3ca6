"""Count the restarts of a run whose process died, and find its latest checkpoint."""

import contextlib
import json
from pathlib import Path

from trainer.format import counted
from trainer.tracking.files import checkpoint_places

__all__ = ["MOST_ATTEMPTS", "attempts", "forget_attempts", "has_checkpoint", "kept", "note_attempt"]

MOST_ATTEMPTS = 3
"""Number of restarts of a run whose process died before it fails."""

_FILE = "attempts.json"


def attempts(folder: Path) -> int:
    """Return how often the run was restarted since a person last started it."""
    # A file that a crash or a full disk left incomplete counts as no attempt rather than ending the worker.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return int(json.loads((folder / _FILE).read_text())["count"])
    return 0


def note_attempt(folder: Path, number: int) -> None:
    """Record that the run is restarted for the `number`th time."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_text(json.dumps({"count": number}))


def forget_attempts(folder: Path) -> None:
    """Reset the count, because a person resumes the run."""
    with contextlib.suppress(OSError):
        (folder / _FILE).unlink(missing_ok=True)


def has_checkpoint(folder: Path) -> bool:
    """Return whether there is a checkpoint to resume from."""
    return bool(_latest(folder))


def kept(folder: Path) -> str:
    """Describe the latest checkpoint: `from its checkpoint after epoch 7 and 120 steps`."""
    place = _latest(folder)
    if not place:
        return "from its beginning"
    epoch, step = place
    return f"from its checkpoint after epoch {epoch}" + (f" and {counted(step, 'step')}" if step else "")


def _latest(folder: Path) -> tuple[int, int] | None:
    return max(checkpoint_places(folder), default=None)
