"""The journal of a run's metrics on disk, and how far the store is behind it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.run import Point

__all__ = [
    "JOURNAL",
    "Backlog",
    "Journal",
    "JournalTail",
    "clear_backlog",
    "note_backlog",
    "read_backlog",
    "read_journal",
]

JOURNAL = "journal.jsonl"
_SYSTEM = f'["{SYSTEM}'.encode()


class Journal:
    """Appends points to `journal.jsonl` in a run's folder, one JSON list per line."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file: TextIO = (folder / JOURNAL).open("a", encoding="utf-8")
        if self._file.tell() and not _ends_with_newline(folder / JOURNAL):
            self._file.write("\n")

    def append(self, points: Sequence[Point]) -> None:
        """Flush the points to the system, so that they outlive this process; safe from any thread.

        Raises:
            OSError: the disk takes no more; what is missing follows with the next points that it takes.
        """
        with self._lock:
            self._file.write("".join(f"{json.dumps(point)}\n" for point in points))
            self._file.flush()

    def close(self) -> None:
        """Close the file; points that a full disk refuses are lost."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(folder: Path) -> Iterator[Point]:
    """Read the points in a run's folder in order; a line truncated by a crash is skipped."""
    file = folder / JOURNAL
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            point = _parsed(line)
            if point is not None:
                yield point


class JournalTail:
    """Follows one metric in the journal of a run of this machine, which is up to a second ahead of the store."""

    def __init__(self, folder: Path, key: str) -> None:
        self._file, self._begins = folder / JOURNAL, f'["{key}"'.encode()
        self._read = 0
        self._points: dict[int, Point] = {}

    def points(self) -> dict[int, Point]:
        """Return step → point so far, after reading what was added since the last call; empty without a journal."""
        with contextlib.suppress(OSError), self._file.open("rb") as file:
            file.seek(self._read)
            # What follows the last newline is still being written.
            added = file.read().rpartition(b"\n")[0]
            self._read += len(added) + bool(added)
            for line in added.split(b"\n"):
                point = _parsed(line.decode(errors="replace")) if line.startswith(self._begins) else None
                if point is not None:
                    # The first one is kept, as the recorder does when a run is resumed.
                    self._points.setdefault(point.step, point)
        return self._points


def _parsed(line: str) -> Point | None:
    try:
        key, value, time_ms, step = json.loads(line)
        return Point(str(key), float(value), int(time_ms), int(step))
    except (ValueError, TypeError):
        return None


def _ends_with_newline(file: Path) -> bool:
    with file.open("rb") as content:
        content.seek(-1, 2)
        return content.read(1) == b"\n"


_FILE = "behind.json"


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Since when (seconds since 1970) the store has not responded, and how many points wait on disk."""

    since: float
    points: int


@dataclass(frozen=True, kw_only=True)
class _Note:
    """The state when the store stopped responding; points added to the journal since then wait too."""

    since: float
    points: int
    journal_bytes: int


def note_backlog(folder: Path, points: int) -> None:
    """Note that the store does not respond and how many points wait; the first note counts until it is cleared."""
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
    """Remove the note, because the store has everything."""
    for name in (_FILE, f"{_FILE}.tmp"):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def read_backlog(folder: Path) -> Backlog | None:
    """Return how far the store is behind the run in this folder, or None if it is not, or if the run is elsewhere."""
    try:
        note = _Note(**json.loads((folder / _FILE).read_text()))
        return Backlog(since=note.since, points=note.points + _lines_after(folder / JOURNAL, note.journal_bytes))
    except (OSError, ValueError, TypeError):
        return None


def _lines_after(journal: Path, offset: int) -> int:
    """Keep the training metrics; nobody waits for system metrics."""
    if not journal.exists():
        return 0
    with journal.open("rb") as file:
        file.seek(offset)
        return sum(not line.startswith(_SYSTEM) for line in file)
