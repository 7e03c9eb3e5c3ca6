"""How far a run's record in the store is behind its journal, for whoever looks from the same machine."""

import contextlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from trainer.tracking.journal import JOURNAL

__all__ = ["Backlog", "clear_backlog", "note_backlog", "read_backlog"]

_FILE = "behind.json"


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Since when (seconds since 1970) the store has not answered, and how many points wait on the disk."""

    since: float
    points: int


@dataclass(frozen=True, kw_only=True)
class _Note:
    """What was so when the store went away: what the journal has grown by since then waits too."""

    since: float
    points: int
    journal_bytes: int


def note_backlog(folder: Path, points: int) -> None:
    """Writes down that the store does not answer and so many points wait; the first note counts until it is cleared."""
    file, journal = folder / _FILE, folder / JOURNAL
    if file.exists():
        return
    draft = folder / f"{_FILE}.tmp"
    try:
        note = _Note(since=time.time(), points=points, journal_bytes=journal.stat().st_size if journal.exists() else 0)
        draft.write_text(json.dumps(asdict(note)))
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def clear_backlog(folder: Path) -> None:
    """The store has everything."""
    for name in (_FILE, f"{_FILE}.tmp"):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def read_backlog(folder: Path) -> Backlog | None:
    """How far the record of the run in this folder is behind; None where it is not, or another machine has it."""
    try:
        note = _Note(**json.loads((folder / _FILE).read_text()))
        return Backlog(since=note.since, points=note.points + _lines_after(folder / JOURNAL, note.journal_bytes))
    except (OSError, ValueError, TypeError):
        return None


def _lines_after(journal: Path, offset: int) -> int:
    """Points of the training: measurements of the machine are no part of its record that anybody waits for."""
    if not journal.exists():
        return 0
    with journal.open("rb") as file:
        file.seek(offset)
        return sum(not line.startswith(b'["system/') for line in file)
