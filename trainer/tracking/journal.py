"""What a run measured, on disk before it is sent: the store may be away, the process may be killed."""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from trainer.tracking.points import Point

__all__ = ["JOURNAL", "Journal", "read_journal"]

JOURNAL = "journal.jsonl"


class Journal:
    """Appends points to `journal.jsonl` in a run's folder, one JSON list a line."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file: TextIO = (folder / JOURNAL).open("a", encoding="utf-8")
        if self._file.tell() and not _ends_with_newline(folder / JOURNAL):
            self._file.write("\n")

    def append(self, points: Sequence[Point]) -> None:
        """Writes the points out to the system, so that they outlive this process; from any thread.

        Raises:
            OSError: the disk takes no more; what is missing follows with the next points that it takes.
        """
        with self._lock:
            self._file.write("".join(f"{json.dumps(point)}\n" for point in points))
            self._file.flush()

    def close(self) -> None:
        """Closes the file; what a full disk still refuses is lost here."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(folder: Path) -> Iterator[Point]:
    """The points in a run's folder, in the order they were measured; a line that was torn by a crash is skipped."""
    file = folder / JOURNAL
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            point = _parsed(line)
            if point is not None:
                yield point


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
