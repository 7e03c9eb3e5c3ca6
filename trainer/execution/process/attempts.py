"""What a run's folder says of its attempts: how often its process died, and how far its checkpoints go."""

import contextlib
import json
from pathlib import Path

from trainer.tracking.files import checkpoint_places

__all__ = ["MOST_ATTEMPTS", "attempts", "forget_attempts", "has_checkpoint", "kept", "note_attempt"]

MOST_ATTEMPTS = 3
"""How often a run whose process died is started again before it fails."""

_FILE = "attempts.json"


def attempts(folder: Path) -> int:
    """How often the run was started again since a person last asked for it."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return int(json.loads((folder / _FILE).read_text())["count"])
    return 0


def note_attempt(folder: Path, number: int) -> None:
    """Keeps that the run is started again for the `number`th time."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_text(json.dumps({"count": number}))


def forget_attempts(folder: Path) -> None:
    """Begins to count anew, where a person wants the run to go on."""
    with contextlib.suppress(OSError):
        (folder / _FILE).unlink(missing_ok=True)


def has_checkpoint(folder: Path) -> bool:
    """Whether there is something to go on from."""
    return bool(_latest(folder))


def kept(folder: Path) -> str:
    """How far the latest checkpoint is, in words: `from its checkpoint after epoch 7 and 120 steps`."""
    place = _latest(folder)
    if not place:
        return "from its beginning"
    epoch, step = place
    return f"from its checkpoint after epoch {epoch}" + (f" and {step} steps" if step else "")


def _latest(folder: Path) -> tuple[int, int] | None:
    return max(checkpoint_places(folder), default=None)
