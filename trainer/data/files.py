"""Write files atomically."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from trainer.errors import ResourceError

__all__ = ["write_whole"]


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, private: bool = True) -> Path:
    """Write a file under a temporary name, flush it to disk, and then rename it; return `path`.

    Only regular files are replaced, and they keep their permissions. If `path` is a symbolic link, its target is
    written and the link stays. A new file is readable by its owner only, or as the umask allows if not `private`.

    Raises:
        ResourceError: If `path` is not a regular file, if its folder cannot be written, or if the disk is full.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = _replaceable_mode(path, target)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        # In the target's own folder, since a rename is atomic only within one file system.
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
            f"{path} cannot be written ({error.strerror}); free disk space or choose another path."
        ) from error
    return path


def _replaceable_mode(path: Path, target: Path) -> int | None:
    """Return the permissions of the regular file to replace, or None if there is none."""
    if not os.path.lexists(target):
        return None
    if not target.is_file():
        kind = "a folder" if target.is_dir() else "not a regular file"
        raise ResourceError(f"{path} is {kind}; expected a new file or a file to replace.")
    # Renaming requires write permission on the folder alone, so a read-only file would be replaced.
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target.stat().st_mode & 0o777
