"""Files and folders of the user: where they are, and whether they can be read."""

import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

from trainer.config.file_datasets import FileDataset, Images, Texts
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["FileState", "checked_file", "checked_path", "find_file", "state_of", "state_to_keep"]

# The clock of file times advances every 10 ms at the slowest setting of Linux, more often by default.
_TICK_NS = 15_000_000


class FileState(NamedTuple):
    """What changes when a file is written: its identity, its size in bytes, and its times in nanoseconds."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def find_file(path: str, home: Home, *, folder: Path | None = None) -> Path:
    """Return the file or folder that a config's `path` names.

    Relative paths start at `folder`, by default the current folder. If a relative path does not exist there but does
    in home's data folder, that one is returned.
    """
    try:
        given = Path(path).expanduser()
        here, kept = (folder or Path()) / given, home.data / given
        return kept if not given.is_absolute() and not here.exists() and kept.exists() else here
    except (OSError, RuntimeError) as error:  # a name that is too long, or the home of an unknown user
        raise DataError(f"{path[:60]!r} is not a valid path ({error}); expected the path of a file.") from error


def checked_file(path: Path) -> Path:
    """Return the path of a file that can be read.

    Raises:
        DataError: If there is none, or it is a folder or something else.
    """
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder; expected a file.")
        if not path.is_file():
            word = "is not a regular file" if path.exists() else "does not exist"
            raise DataError(f"{path} {word}; check the path.")
        with path.open("rb"):
            return path
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error


def checked_path(dataset: FileDataset, home: Home) -> Path:
    """Return the path of the file of a dataset, or of its folder if it may have one.

    Raises:
        DataError: If there is none, or it cannot be read.
    """
    path = find_file(dataset.path, home)
    if not (isinstance(dataset, Texts | Images) and path.is_dir()):
        return checked_file(path)
    if not os.access(path, os.R_OK | os.X_OK):
        raise DataError(f"{path} cannot be read; check its permissions.")
    return path


def state_of(path: Path) -> FileState:
    """Return the state of a file or of everything in a folder. Raises OSError.

    Equal states mean equal content, unless both writes came within milliseconds: see `state_to_keep`.
    """
    status = path.stat()
    # A program can set a file's mtime back, but not its ctime.
    found = FileState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if not stat.S_ISDIR(status.st_mode):
        return found
    size, modified, changed = 0, found.modified, found.changed
    for inside, folders, names in os.walk(path):
        for name in (*folders, *names):
            each = os.lstat(os.path.join(inside, name))
            size += each.st_size
            modified, changed = max(modified, each.st_mtime_ns), max(changed, each.st_ctime_ns)
    return FileState(found.device, found.inode, size, modified, changed)


def state_to_keep(path: Path) -> FileState:
    """Return a state as `state_of` does, to keep an answer about the content by.

    It equals no other as long as the last write is so recent that a file system, whose clock advances every few
    milliseconds, would give the next write the same times. Raises OSError.
    """
    found, now = state_of(path), time.time_ns()
    return found if now - max(found.modified, found.changed) > _TICK_NS else found._replace(changed=now)
