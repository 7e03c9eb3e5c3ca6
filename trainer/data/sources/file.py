"""Files and folders of the user: where they are, and whether they can be read."""

from pathlib import Path
from typing import NamedTuple

from trainer.errors import DataError
from trainer.home import Home

__all__ = ["FileState", "checked_file", "find_file", "state_of"]


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


def state_of(path: Path) -> FileState:
    """Return the state of a file; equal states mean equal content. Raises OSError."""
    status = path.stat()
    # A program can set a file's mtime back, but not its ctime.
    return FileState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
