"""Copies of files and folders in home, each kept once under the digest of its content."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from trainer.data.profile.content import content_of, files_in, read_in_pieces
from trainer.errors import DataError, ResourceError
from trainer.home import Home

__all__ = ["Draft", "Progress", "keep_copy", "not_written", "placed", "remove_copy"]

Progress = Callable[[int, int], None]
"""Called with the bytes copied so far and in all."""


def keep_copy(path: Path, *, home: Home, progress: Progress = lambda done, total: None) -> Path:
    """Copy a file or folder to `<digest>/<its name>` in home's data folder, and return the copy.

    The bytes are read once, a few megabytes at a time; the same content is kept once per name.

    Raises:
        DataError: If it cannot be read, or changes while it is copied.
        ResourceError: If home cannot be written.
    """
    home.make()
    if path.is_dir():
        return _copied_folder(path, home, progress)
    total, digest, done = path.stat().st_size, hashlib.sha256(), 0
    with Draft(home, path) as folder:
        draft = folder / path.name
        try:
            with draft.open("xb") as stream:
                for piece in read_in_pieces(path, digest.update):
                    stream.write(piece)
                    done += len(piece)
                    progress(done, total)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise not_written(home, error) from error
        if path.stat().st_size != done:
            raise DataError(f"{path} changed while it was copied; try again when it is complete.")
        return placed(draft, home.data / digest.hexdigest() / path.name, home)


def remove_copy(copy: Path, *, home: Home) -> int:
    """Remove a copy that `keep_copy` made, and return how many bytes that freed; 0 for any other path.

    Raises:
        ResourceError: If it cannot be removed.
    """
    # Only `<home>/data/<digest>/<name>` is a copy: nothing else may be removed, whatever the file of an entry says.
    if copy.parent.parent != home.data or len(copy.parent.name) != 64 or not copy.exists():
        return 0
    size = sum(file.stat().st_size for file in files_in(copy)) if copy.is_dir() else copy.stat().st_size
    try:
        shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
        with contextlib.suppress(OSError):  # another name of the same content may be left
            copy.parent.rmdir()
    except OSError as error:
        raise ResourceError(f"{copy} cannot be removed ({error.strerror}); check its permissions.") from error
    return size


def _copied_folder(path: Path, home: Home, progress: Progress) -> Path:
    files = files_in(path)
    total, done = sum(file.stat().st_size for file in files), 0
    with Draft(home, path) as folder:
        draft = folder / path.name
        try:
            for file in files:
                target = draft / file.relative_to(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                done += target.stat().st_size
                progress(done, total)
        except OSError as error:
            raise not_written(home, error) from error
        return placed(draft, home.data / content_of(draft).digest / path.name, home)


class Draft(contextlib.AbstractContextManager[Path]):
    """A folder in home, to write the copy of `path` in, that is removed at the end, whatever happens."""

    def __init__(self, home: Home, path: Path) -> None:
        if not path.name:
            raise DataError(f"{path} has no name to keep it under; give a file or a folder in it.")
        self._made = tempfile.TemporaryDirectory(dir=home.data, prefix=".writing-", ignore_cleanup_errors=True)

    def __enter__(self) -> Path:
        return Path(self._made.name)

    def __exit__(self, *of: object) -> None:
        self._made.cleanup()


def placed(draft: Path, target: Path, home: Home) -> Path:
    """Rename the draft, unless the same content is there already."""
    try:
        if not target.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(draft, target)
    except OSError as error:
        raise not_written(home, error) from error
    return target


def not_written(home: Home, error: OSError) -> ResourceError:
    """Return why a copy cannot be written."""
    return ResourceError(
        f"The data folder of the home {home.path} cannot be written ({error.strerror}); free disk space, or choose "
        "another home."
    )
