"""Archives of pictures: only listed and read, never unpacked to disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from trainer.errors import DataError
from trainer.format import cut, one_line, readable_bytes

__all__ = ["IMAGE_SUFFIXES", "MOST_FILES", "Archive", "refuse_crowd", "shown"]

IMAGE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"}
)
"""Endings of the names of pictures."""

MOST_FILES: Final = 200_000
"""Files that a folder or an archive may contain."""

# Encoded pictures hardly shrink; an archive that grows more than this was made to fill memory.
_MOST_GROWTH: Final = 200
_LARGEST_MEMBER: Final = 400_000_000
_TAIL: Final = 65_557 + 76

# What zipfile raises for an archive that is damaged, encrypted or malicious.
_BROKEN: Final = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    RuntimeError,
    LookupError,
    EOFError,
    struct.error,
    zlib.error,
)


class Archive:
    """A zip archive that is open for reading; its members may be read in several threads.

    Raises:
        DataError: If it is damaged, encrypted, has more than 200,000 members, one outside of its own folder, or one
            that is much larger than pictures are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            refuse_crowd(path)
            self._zip = zipfile.ZipFile(path)
        except DataError:  # which is a ValueError too
            raise
        except _BROKEN as error:
            raise DataError(
                f"{path.name} is not a complete archive ({_short(error)}); copy or save it again."
            ) from error
        self._sizes = dict(self._members())

    @property
    def sizes(self) -> dict[str, int]:
        """The size in bytes of each regular file by its name; links and hidden files are left out."""
        return self._sizes

    def read(self, name: str) -> bytes:
        """Return the content of a file. Raises DataError if it is damaged."""
        try:
            return self._zip.read(name)
        except _BROKEN as error:
            raise DataError(
                f"{shown(name)} in {self._path.name} cannot be read ({_short(error)}); save the archive again."
            ) from error

    def _members(self) -> Iterator[tuple[str, int]]:
        name, unpacked = self._path.name, 0
        for member in self._zip.infolist():
            parts = PurePosixPath(member.filename).parts
            if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in member.filename[:3]:
                raise DataError(
                    f"{name} contains {shown(member.filename)}, which lies outside of it; make the archive again from "
                    "a folder."
                )
            if member.flag_bits & 1:
                raise DataError(f"{name} is encrypted ({shown(member.filename)}); save it without a password.")
            unpacked += member.file_size
            if member.file_size > _LARGEST_MEMBER or unpacked > _MOST_GROWTH * self._path.stat().st_size:
                raise DataError(
                    f"{name} would grow to {readable_bytes(unpacked)} or more ({shown(member.filename)}), which no "
                    "archive of pictures does; unpack it yourself if you trust it, and give the folder."
                )
            is_plain = not stat.S_ISLNK(member.external_attr >> 16) and not member.is_dir()
            if is_plain and not any(part.startswith(".") or part == "__MACOSX" for part in parts):
                yield member.filename, member.file_size


def refuse_crowd(path: Path) -> None:
    """Refuse an archive with more than 200,000 members before zipfile makes an object of each. Raises DataError."""
    with path.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, 2) - _TAIL))
        tail = stream.read()
    end, long_end = tail.rfind(b"PK\5\6"), tail.rfind(b"PK\6\6")
    count = struct.unpack_from("<H", tail, end + 10)[0] if end >= 0 and len(tail) >= end + 12 else 0
    if long_end >= 0 and len(tail) >= long_end + 40:
        count = struct.unpack_from("<Q", tail, long_end + 32)[0]
    if count > MOST_FILES:
        raise DataError(f"{path.name} contains {count:,} files, more than {MOST_FILES:,}; make several of it.")


def shown(name: str) -> str:
    """Return a member's name for a sentence."""
    return repr(cut(one_line(name), 60))


def _short(error: BaseException) -> str:
    return cut(one_line(str(error)), 100) or type(error).__name__
