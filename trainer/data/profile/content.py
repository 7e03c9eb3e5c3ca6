"""The content of a file or folder: its digest, its size, and the encoding of text, in one pass over the bytes."""

import codecs
import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import DataError

__all__ = ["Content", "content_of", "files_in", "read_in_pieces", "sizes_in"]

_PIECE = 2**22
_MOST_FILES = 200_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FOLDER = "the folder"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the bytes of a file or folder are.

    `digest` is the SHA-256 of a file's bytes, or of the sorted names and bytes of a folder's files. `size` is in bytes.
    `encoding` is that of a text file: `utf-8`, `utf-8-sig`, `utf-16`, `utf-16-le`, `utf-16-be`, or `windows-1252` for
    everything else; None for a folder. `zeros` tells whether a file contains NUL bytes.
    """

    digest: str
    size: int
    files: int = 1
    encoding: str | None = None
    zeros: bool = False


def content_of(path: Path) -> Content:
    """Read a file or folder once for each of its states, and return what it contains.

    Raises:
        DataError: If it cannot be read, or if it changes while it is read.
    """
    return _of_folder(path) if path.is_dir() else _of_file(path.absolute(), *_state(path))


def files_in(folder: Path) -> list[Path]:
    """Return all regular files in a folder and its subfolders, sorted by name; hidden files and links are left out.

    Raises:
        DataError: If a folder cannot be read or contains more than 200,000 files.
    """
    return [folder / name for name in sizes_in(folder)]


def sizes_in(folder: Path) -> dict[str, int]:
    """Return the bytes of the same files by their POSIX paths below the folder. Raises DataError as above."""
    found: dict[str, int] = {}
    inner = [""]
    while inner:
        below = inner.pop()
        try:
            with os.scandir(folder / below) as entries:
                seen = sorted(
                    (entry for entry in entries if not entry.name.startswith(".")), key=lambda each: each.name
                )
            folders = [f"{below}{entry.name}/" for entry in seen if entry.is_dir(follow_symlinks=False)]
            files = (entry for entry in seen if entry.is_file(follow_symlinks=False))
            found.update((f"{below}{file.name}", file.stat(follow_symlinks=False).st_size) for file in files)
        except OSError as error:
            where = error.filename or _FOLDER
            raise DataError(f"{where} cannot be read ({error.strerror}); check its permissions.") from error
        inner.extend(reversed(folders))
        if len(found) > _MOST_FILES:
            raise DataError(
                f"{folder} contains more than {_MOST_FILES:,} files; choose a subfolder, or save them as one file."
            )
    return found


def read_in_pieces(path: Path, see: Callable[[bytes], object] = lambda piece: None) -> Iterator[bytes]:
    """Yield the bytes of a file, a few megabytes at a time, each after `see` has got it.

    Raises:
        DataError: If the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                see(piece)
                yield piece
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
    except ValueError as error:  # a NUL byte in the name
        raise DataError(f"{str(path)!r} is not a valid path ({error}); give another.") from error
    if not path.is_file():  # opening a pipe would block
        raise DataError(f"{path} is neither a file nor a folder; expected one of them.")
    return found.st_mtime_ns, found.st_size


# The time and the size are part of the key, so that a changed file is read again.
@functools.lru_cache(maxsize=64)
def _of_file(path: Path, changed_ns: int, size: int) -> Content:
    digest, text, length, zeros = hashlib.sha256(), _TextScan(), 0, False
    for piece in read_in_pieces(path):
        digest.update(piece)
        text.see(piece)
        length += len(piece)
        zeros = zeros or b"\0" in piece
    if (changed_ns, size) != _state(path) or length != size:
        raise DataError(f"{path} changed while it was read; try again when it is complete.")
    return Content(digest=digest.hexdigest(), size=length, encoding=text.encoding, zeros=zeros)


def _of_folder(folder: Path) -> Content:
    digest, size = hashlib.sha256(), 0
    files = files_in(folder)
    for file in files:
        name = file.relative_to(folder).as_posix()
        content = hashlib.sha256()
        for piece in read_in_pieces(file):
            content.update(piece)
            size += len(piece)
        digest.update(f"{name}\0{content.hexdigest()}\n".encode(errors="surrogateescape"))
    return Content(digest=digest.hexdigest(), size=size, files=len(files))


class _TextScan:
    """Find the encoding of a text from its first bytes and from whether all of it is UTF-8."""

    def __init__(self) -> None:
        self._start = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True

    def see(self, piece: bytes) -> None:
        if not self._start:
            self._start = piece[:4096]
        if self._is_utf8 and not piece.isascii():
            try:
                self._decoder.decode(piece)
            except UnicodeDecodeError:
                self._is_utf8 = False

    @property
    def encoding(self) -> str:
        for mark, name in _MARKS:
            if self._start.startswith(mark):
                return name
        # Without a byte order mark, ASCII in UTF-16 has a NUL as every second byte.
        even, odd = self._start[::2], self._start[1::2]
        if odd and odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
            return "utf-16-le"
        if even and even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
            return "utf-16-be"
        return "utf-8" if self._is_utf8 else "windows-1252"
