"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from trainer.errors import ResourceError

__all__ = ["write_whole"]


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> Path:
    """Writes a file under another name, forces it to the disk and only then gives it its own; returns `path`.

    Raises:
        ResourceError: the folder cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as stream:
            try:
                write(cast(BinaryIO, stream))
                stream.flush()
                os.fsync(stream.fileno())
                os.replace(stream.name, path)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ResourceError(
            f"{path} cannot be written ({error.strerror}); free the disk or choose another home."
        ) from error
    return path
