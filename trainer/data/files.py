"""Files that are there whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from trainer.errors import ResourceError

__all__ = ["write_whole"]


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, private: bool = True) -> Path:
    """Writes a file under another name, forces it to disk and only then gives it its own name; returns `path`.

    Only a regular file is ever replaced, and it keeps its permissions. Where `path` is a symbolic link, its target is
    written and the link stays. A new file is readable by its owner alone, or as the umask says if not `private`.

    Raises:
        ResourceError: `path` exists and is not a regular file, its folder cannot be written, or the disk is full.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = _replaceable_mode(path, target)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
            draft = Path(folder, "file")
            with draft.open("xb") as stream:
                if private or mode is not None:
                    os.fchmod(stream.fileno(), 0o600 if mode is None else mode)
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, target)
    except OSError as error:
        raise ResourceError(
            f"{path} cannot be written ({error.strerror}); free disk space or choose another place."
        ) from error
    return path


def _replaceable_mode(path: Path, target: Path) -> int | None:
    """The permissions of the regular file to be replaced, or None where there is nothing yet."""
    if not os.path.lexists(target):
        return None
    if not target.is_file():
        kind = "a folder" if target.is_dir() else "not a regular file"
        raise ResourceError(f"{path} is {kind}; give the path of a new file, or of one to replace.")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target.stat().st_mode & 0o777
