"""Logs of processes: their last lines, their maximum size, and printing to them while the disk is full."""

import contextlib
from pathlib import Path
from typing import Any, TextIO

__all__ = ["LARGEST_LOG", "LogStream", "cap_log", "tail"]

LARGEST_LOG = 10_000_000
"""Maximum size of a log in bytes; if it grows larger, its middle is removed."""


def cap_log(log: Path, largest: int = LARGEST_LOG) -> None:
    """Truncate a log that is too long to half the limit and add a note; it may then grow again.

    Its writer has opened it for appending, so further output follows the note.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size <= largest:
            return
        with log.open("r+b") as file:
            file.truncate(largest // 2)
        with log.open("ab") as file:
            file.write(f"\n[The log grew beyond {largest:,} bytes; the middle was removed.]\n".encode())


_TAIL_BYTES = 4_000


def tail(log: Path, lines: int = 3) -> str:
    """Return the last non-empty lines of a log, joined by ` · `; empty if there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            # A log may have megabytes, of which pages show three lines.
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    told = [line.strip() for line in text.splitlines() if line.strip()]
    return " · ".join(told[-lines:])


class LogStream:
    """A text stream that ignores a full disk: text printed meanwhile may be missing from the log.

    Training, its journal and its checkpoints matter; a line about them must not end them.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what the disk accepts; return the length of `text` in any case."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, as far as the disk accepts it."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
