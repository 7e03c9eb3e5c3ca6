"""A file lock of the operating system, which is released however its holder ends."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer.errors import ResourceError

__all__ = ["FileLock", "holder_of"]


# A worker describes every node of its cluster.
_LONGEST = 1_000_000


class FileLock:
    """A lock with one holder at a time, whose description of itself other processes can read.

    The system releases it when the process ends, so nothing has to be cleaned up after a crash.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self, says: Mapping[str, Any]) -> bool:
        """Acquire the lock and write the holder's description; return False if another process holds it.

        Raises:
            ResourceError: the file cannot be written.
        """
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ResourceError(f"{self._path} cannot be written ({error.strerror}); choose another home.") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        self.say(says)
        return True

    def say(self, says: Mapping[str, Any]) -> None:
        """Replace the holder's description."""
        if self._file is not None:
            # Written in place: a file that is renamed into place would not be the locked one.
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(says).encode(), 0)

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextlib.contextmanager
    def held(self, says: Mapping[str, Any], otherwise: str) -> Iterator["FileLock"]:
        """Hold the lock for a block.

        Raises:
            ResourceError: another holds it; the text is `otherwise`.
        """
        if not self.acquire(says):
            raise ResourceError(otherwise)
        try:
            yield self
        finally:
            self.release()


def holder_of(path: Path) -> dict[str, Any] | None:
    """Return the description of the lock's holder, or None if nobody holds it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # A shared lock, so that two processes that ask at once do not take each other for the holder.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(ValueError, OSError):
            said = json.loads(os.pread(file, _LONGEST, 0) or b"{}")
            return said if isinstance(said, dict) else {}
        return {}
    finally:
        os.close(file)
    return None
