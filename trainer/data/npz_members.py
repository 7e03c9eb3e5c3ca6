"""Where the arrays of a dataset are stored: the members of an .npz file, or the .npy files of a folder."""

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from numpy.lib import format as npy

from trainer.errors import DataError

__all__ = ["BROKEN", "FolderMembers", "Members", "ZipMembers", "members_of"]

BROKEN = (
    ValueError,
    SyntaxError,
    TypeError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
    LookupError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and NumPy raise for a file that is damaged, encrypted or malicious."""

# Arrays that are packed tighter than data of numbers ever are might fill the disk if they are unpacked.
_TIGHTEST = 50


class Members(Protocol):
    """The .npy files by the names of their arrays. Everything may raise what is in `BROKEN`."""

    advice: str
    """How to write the arrays again."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open the .npy file of an array."""
        ...

    def size(self, name: str) -> int:
        """Return its bytes, unpacked."""
        ...

    def may_be_unpacked(self, name: str) -> bool:
        """Return whether its bytes are no more than data of numbers ever are."""
        ...

    def path(self, name: str) -> Path | None:
        """Return the file that has nothing but this array, if there is one."""
        ...

    def close(self) -> None:
        """Close all files."""
        ...


class ZipMembers:
    """The members of an .npz file. Raises DataError if it is none."""

    advice = "numpy.savez"

    def __init__(self, source: Path | BinaryIO, name: str) -> None:
        start = _first_bytes(source) if isinstance(source, Path) else source.read(len(npy.MAGIC_PREFIX))
        try:
            self._zip = zipfile.ZipFile(source)
        except BROKEN as error:
            raise DataError(f"{name} {_what_it_is(start)} with numpy.savez(file, x=…, y=…).") from error
        endings = [member for member in self._zip.namelist() if member.endswith(".npy")]
        self._members: Mapping[str, str] = {member.removesuffix(".npy"): member for member in endings}
        if not self._members:
            self._zip.close()
            raise DataError(f"{name} is a zip archive without arrays; write it with numpy.savez(file, x=…, y=…).")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(self._members)

    def open(self, name: str) -> IO[bytes]:
        """Open the .npy file of an array."""
        return self._zip.open(self._members[name])

    def size(self, name: str) -> int:
        """Return its bytes, unpacked."""
        return self._zip.getinfo(self._members[name]).file_size

    def may_be_unpacked(self, name: str) -> bool:
        """Return whether its bytes are no more than data of numbers ever are."""
        return self.size(name) <= _TIGHTEST * self._zip.getinfo(self._members[name]).compress_size

    def path(self, name: str) -> Path | None:
        """Return None: all arrays are in one file."""
        return None

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


class FolderMembers:
    """The .npy files in a folder. Raises DataError if there are none."""

    advice = "numpy.save"

    def __init__(self, folder: Path) -> None:
        try:
            self._files = {path.stem: path for path in sorted(folder.glob("*.npy")) if path.is_file()}
        except OSError as error:
            raise DataError(f"{folder} cannot be read ({error.strerror}); check its permissions.") from error
        if not self._files:
            raise DataError(f"{folder} has no .npy files; expected x.npy and y.npy, or an .npz file.")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(self._files)

    def open(self, name: str) -> IO[bytes]:
        """Open the .npy file of an array."""
        return self._files[name].open("rb")

    def size(self, name: str) -> int:
        """Return its bytes."""
        return self._files[name].stat().st_size

    def may_be_unpacked(self, name: str) -> bool:
        """Return True: it is not packed."""
        return True

    def path(self, name: str) -> Path | None:
        """Return the file of an array."""
        return self._files[name]

    def close(self) -> None:
        """Do nothing: no file is kept open."""


def members_of(source: Path | BinaryIO, name: str) -> Members:
    """Return the arrays in an .npz file or in a folder.

    Raises:
        DataError: If it is neither.
    """
    return FolderMembers(source) if isinstance(source, Path) and source.is_dir() else ZipMembers(source, name)


def _first_bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise DataError(f"File {path} not found; expected the path of an .npz file.")
        if not path.is_file():  # opening a pipe would block
            raise DataError(f"{path} is a device; expected the path of an .npz file.")
        with path.open("rb") as stream:
            return stream.read(len(npy.MAGIC_PREFIX))
    except OSError as error:
        raise DataError(f"{path} cannot be opened ({error.strerror}); expected the path of an .npz file.") from error


def _what_it_is(start: bytes) -> str:
    if not start:
        return "is empty; write it"
    if start == npy.MAGIC_PREFIX:
        return "is a single array (.npy); choose the folder that contains x.npy and y.npy, or save both"
    return "is not an .npz file, or is truncated; write it"
