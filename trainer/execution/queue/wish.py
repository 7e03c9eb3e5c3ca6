"""The request for a standby: the config that a person is about to train, as a file in home.

The dashboard writes it and the worker reads it. With several browsers open, the last write wins.
"""

import contextlib
import os
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from trainer.config import Config
from trainer.errors import FitboardError
from trainer.home import Home
from trainer.tracking.read.config import parse_recorded

__all__ = ["WISH_SECONDS", "Wish", "read_wish", "wish_changed_at", "wish_standby"]

WISH_SECONDS = 180.0
"""Seconds for which a request is valid after it was last written."""

_RENEW_SECONDS = 30.0
_LARGEST = 1_000_000
_OTHERS = 0o077


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A config to prepare a process for, and when that was last asked for, in seconds since 1970."""

    config: Config
    written_at: float


def wish_standby(home: Home, config: Config) -> None:
    """Ask the worker of a home to prepare a process for the config; do nothing if the home cannot be written.

    The same request is written again only after half a minute, so a page may call this whenever it is drawn.
    """
    text, file = config.canonical_json(), home.standby_wish
    with contextlib.suppress(OSError):
        if file.exists() and time.time() - file.stat().st_mtime < _RENEW_SECONDS and file.read_text() == text:
            return
    with contextlib.suppress(OSError):
        _write(file, text)


def _write(file: Path, text: str) -> None:
    # Renamed into place, so that the worker never reads half a config; mkstemp gives it the mode 0600.
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        os.replace(draft, file)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def wish_changed_at(home: Home) -> int:
    """Return when the request was last written, in nanoseconds since 1970; 0 if there is none. Takes microseconds."""
    try:
        return home.standby_wish.stat().st_mtime_ns
    except OSError:
        return 0


def read_wish(home: Home) -> Wish | None:
    """Return the request in a home; None if there is none, or the file is not a valid config owned by this user."""
    try:
        # The file decides what this process builds, so neither a link nor another user's file is followed.
        descriptor = os.open(home.standby_wish, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as opened:
        status = os.fstat(descriptor)
        is_own = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & _OTHERS
        content = opened.read(_LARGEST + 1) if is_own else b""
    if not content or len(content) > _LARGEST:
        return None
    with contextlib.suppress(FitboardError, UnicodeDecodeError):
        return Wish(config=parse_recorded(content.decode()), written_at=status.st_mtime)
    return None
