"""What a run's folder says of its attempts: how often its process died, and how far its checkpoints go."""

import contextlib
import json
import re
from pathlib import Path

__all__ = ["MOST_ATTEMPTS", "count_attempt", "forget_attempts", "has_checkpoint", "kept"]

MOST_ATTEMPTS = 3
"""So many times a run whose process died by itself is started again."""

_FILE = "attempts.json"
_CHECKPOINT = re.compile(r"checkpoint-(\d+)-(\d+)\.bin")


def count_attempt(folder: Path) -> int | None:
    """Counts one more attempt, and gives its number (1, 2, …); None where there were enough."""
    file = folder / _FILE
    count = 0
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        count = int(json.loads(file.read_text())["count"])
    if count >= MOST_ATTEMPTS:
        return None
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"count": count + 1}))
    return count + 1


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
    found = [_CHECKPOINT.fullmatch(file.name) for file in folder.glob("checkpoint-*.bin")]
    return max(((int(each[1]), int(each[2])) for each in found if each), default=None)
