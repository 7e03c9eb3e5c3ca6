"""Files that arrive in pieces, such as uploads: each is written to home as it comes, and kept under its digest."""

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from trainer.data.library.copies import Draft, not_written, placed
from trainer.data.profile.content import content_of
from trainer.data.sources.pictures.archive import Archive
from trainer.errors import DataError, ResourceError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["Arrival", "plain_name"]

_LONGEST, _LONGEST_ENDING = 80, 10
# Left free, so that a store on the same disk can still be written.
_SPARE = 100_000_000


class Arrival(contextlib.AbstractContextManager["Arrival"]):
    """A file that arrives in pieces; nothing of it is left unless `keep` is called.

    Args:
        name: the file's name; only its last part is used.
        home: the home that keeps the file.
        size: the number of bytes that will arrive, if it is known.

    Raises:
        ResourceError: If home cannot be written, or its disk has too little space for `size` bytes.
        DataError: If `keep` is called before all bytes have arrived.
    """

    def __init__(self, name: str, *, home: Home, size: int | None = None) -> None:
        self._home, self._name, self._size = home.make(), plain_name(name), size
        free = shutil.disk_usage(home.path).free
        if size is not None and size + _SPARE > free:
            raise ResourceError(
                f"{self._name} is {readable_bytes(size)}, but the disk of the home has {readable_bytes(free)} left; "
                "free disk space, or give the path of the file instead."
            )
        self._digest, self._arrived = hashlib.sha256(), 0
        self._draft = Draft(home, Path(self._name))

    def __enter__(self) -> Self:
        self._path = self._draft.__enter__() / self._name
        self._stream = self._path.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # what could not be written is removed with the folder
            self._stream.close()
        self._draft.__exit__(kind, error, trace)

    def write(self, piece: bytes) -> None:
        """Write the next bytes. Raises ResourceError if the disk is full."""
        try:
            self._stream.write(piece)
        except OSError as error:
            raise not_written(self._home, error) from error
        self._digest.update(piece)
        self._arrived += len(piece)

    def keep(self) -> Path:
        """Keep the file as `<digest>/<its name>` in home's data folder, and return its path."""
        self._finish()
        return placed(self._path, self._home.data / self._digest.hexdigest() / self._name, self._home)

    def keep_folder(self) -> Path:
        """Unpack the file, a zip archive of a folder, and keep that folder under the digest of its content.

        Raises:
            DataError: If the archive is damaged, or a member lies outside of it.
        """
        self._finish()
        archive = Archive(self._path)
        folder = self._path.with_suffix("")
        try:
            for name in archive.sizes:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
        except OSError as error:
            raise not_written(self._home, error) from error
        if not folder.is_dir():
            raise DataError(f"{folder.name} contains no files to keep; hidden files and links are left out.")
        return placed(folder, self._home.data / content_of(folder).digest / folder.name, self._home)

    def _finish(self) -> None:
        if self._size is not None and self._arrived != self._size:
            raise DataError(
                f"Only {self._arrived:,} of {self._size:,} bytes of {self._name} arrived; upload the file again."
            )
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as error:
            raise not_written(self._home, error) from error


def plain_name(name: str) -> str:
    """Return the last part of a file's name, without characters that are special in paths; `file` if none is left."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w .()+-]+", "_", last, flags=re.UNICODE).strip(" ._")
    stem, dot, ending = plain.rpartition(".")
    return (
        f"{stem[: _LONGEST - len(ending) - 1]}{dot}{ending}" if dot and len(ending) < 10 else plain[:_LONGEST] or "file"
    )
