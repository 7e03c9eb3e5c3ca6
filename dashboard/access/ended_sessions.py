"""Sessions that people ended before their time, by signing out: a line for each in a file of the home."""

import hashlib
import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from trainer.data.files import write_whole
from trainer.data.sources.file import FileState, state_to_keep
from trainer.errors import ResourceError
from trainer.home import Home

__all__ = ["EndedSessions"]

_DIGITS = 32


class EndedSessions:
    """The digests of ended sessions' tokens, each until the token would have ended by itself.

    Args:
        path: the file; it need not exist.
        clock: seconds since 1970.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock

    @classmethod
    def of(cls, home: Home) -> "EndedSessions":
        """Return the ended sessions of a home."""
        return cls(home.path / "sessions.ended")

    def end(self, token: str, *, lasting: int) -> None:
        """End a session, whose token would be valid for at most `lasting` seconds.

        Raises:
            ResourceError: the file cannot be written.
        """
        line = f"{_digest(token)} {int(self._clock()) + lasting}\n"
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise ResourceError(f"{self._path} cannot be written ({error.strerror}); free disk space.") from error

    def __contains__(self, token: str) -> bool:
        """Return whether a session has ended.

        Raises:
            ResourceError: the file cannot be read.
        """
        return _digest(token) in self._lines()

    def forget_old(self) -> None:
        """Remove the sessions that would have ended by now from the file. Call it while nobody can sign out."""
        lines = self._lines()
        valid = [f"{digest} {until}\n" for digest, until in lines.items() if until > self._clock()]
        if len(valid) < len(lines):
            write_whole(self._path, lambda file: file.write("".join(valid).encode()))

    def _lines(self) -> dict[str, int]:
        try:
            return _read(self._path, state_to_keep(self._path))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ResourceError(f"{self._path} cannot be read ({error.strerror}); check its permissions.") from error


# The state is only part of the key, so that a changed file is read again.
@lru_cache(maxsize=4)
def _read(path: Path, state: FileState) -> dict[str, int]:
    words = (line.split() for line in path.read_text("ascii", errors="replace").splitlines())
    return {each[0]: int(each[1]) for each in words if len(each) == 2 and each[1].isdecimal()}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()[:_DIGITS]
