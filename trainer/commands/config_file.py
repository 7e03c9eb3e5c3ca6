"""Read the config file of a command, without blocking on a pipe that nobody writes to."""

import os
import stat
import sys
import time
from pathlib import Path

from trainer.config.serialization import LARGEST_TEXT
from trainer.errors import ConfigError

__all__ = ["read_config_file"]

# Time to wait for the writer of a named pipe; a shell opens both ends at about the same time.
_WRITER_SECONDS = 2.0

_LOOK_SECONDS = 0.02


def read_config_file(path: Path) -> bytes:
    """Read a file or pipe, or standard input for `-`; at most one byte more than the maximum size of a config.

    Raises:
        ConfigError: If it cannot be read, or is a pipe that nobody writes to.
    """
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(LARGEST_TEXT + 1)
        # Opening a named pipe without O_NONBLOCK would wait until its other end is opened.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
            first = _first_bytes(file.fileno(), path) if is_pipe else b""
            os.set_blocking(file.fileno(), True)
            return first + file.read(max(0, LARGEST_TEXT + 1 - len(first)))
    except OSError as error:
        raise ConfigError(
            f"The config {path} cannot be read ({error.strerror}); expected the path of a YAML file."
        ) from error


def _first_bytes(pipe: int, path: Path) -> bytes:
    """Read what a pipe contains so far; empty if its writer has written nothing yet."""
    until = time.monotonic() + _WRITER_SECONDS
    while True:
        try:
            read = os.read(pipe, LARGEST_TEXT + 1)
        except BlockingIOError:
            return b""
        if read:
            return read
        if time.monotonic() > until:
            raise ConfigError(
                f"Nothing is writing to the pipe {path}; give the path of a YAML file, or - for standard input."
            )
        time.sleep(_LOOK_SECONDS)
