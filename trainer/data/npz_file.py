"""Arrays in an npz file that may be anything: nothing is unpickled, and sizes are judged before memory is taken."""

import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

import numpy as np
import psutil
from numpy.lib import format as npy

from trainer.data.source import AnyArray
from trainer.errors import DataError
from trainer.format import cut, one_line, readable_bytes, shortened_line

__all__ = ["QUICK", "Header", "NpzFile", "memory_limit"]

_BROKEN = (
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
"""What zipfile and NumPy raise over a file that is damaged, encrypted or made to do harm."""

QUICK = 64_000_000
"""This many bytes are read in a blink."""

_PIECE = 2**23

_PER_SAMPLE = 100
"""Bytes that labels and the stratified split take of each sample: 82 measured with scikit-learn, and some more."""

_LONGEST_NAME = 60

_LONGEST_HEADER = 10_000
"""Bytes; as many as NumPy takes, which unpacks a header before it measures it."""

_NOT_NUMBERS = {
    "O": "pickled Python objects, which are never loaded",
    "U": "text",
    "S": "text",
    "T": "text",
    "c": "complex numbers",
    "M": "dates",
    "m": "times",
    "V": "records",
}


def memory_limit() -> int:
    """How many bytes a dataset may take: half of the machine's memory."""
    return psutil.virtual_memory().total // 2


@dataclass(frozen=True, kw_only=True)
class Header:
    """What an array says of itself before its numbers. `offset` is where they begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    offset: int

    @property
    def bytes(self) -> int:
        """The size of its numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


class NpzFile:
    """An npz file open for reading; a context manager.

    Raises:
        DataError: at every method, in one sentence, whatever is wrong with the file.
    """

    def __init__(self, source: Path | BinaryIO, *, name: str, limit: int | None = None) -> None:
        self.name = name
        self._limit = memory_limit() if limit is None else limit
        self._zip = _opened(source, name)
        endings = [member for member in self._zip.namelist() if member.endswith(".npy")]
        self._members: Mapping[str, str] = {member.removesuffix(".npy"): member for member in endings}
        self._headers: dict[str, Header] = {}
        if not self._members:
            self._zip.close()
            raise DataError(f"{name} is a zip archive without arrays in it; write it with numpy.savez(file, x=…, y=…).")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def keys(self) -> tuple[str, ...]:
        """The arrays' names."""
        return tuple(self._members)

    def shown_keys(self, keys: Iterable[str] | None = None) -> str:
        """Some names, or all, for a sentence: ten at most, each on one line and shortened."""
        chosen = self.keys if keys is None else tuple(keys)
        named = [shortened_line(key, _LONGEST_NAME) or repr(key) for key in chosen[:10]]
        return ", ".join(named) + (f" and {len(chosen) - 10:,} more" if len(chosen) > 10 else "")

    def header(self, key: str) -> Header:
        """The array's type and shape; it holds plain numbers and is as long as it claims."""
        if key not in self._members:
            raise DataError(f"{self.name} has no array {key!r}, it holds {self.shown_keys()}.")
        if key not in self._headers:
            self._headers[key] = self._checked(key)
        return self._headers[key]

    def admit(self, keys: Iterable[str]) -> None:
        """Refuses arrays that together take more memory than the limit, before anything of them is unpacked.

        Counted are the numbers as they are stored and once more in the split's order, the float32 made of them, and
        what splitting takes of each sample.
        """
        headers = [self.header(key) for key in keys]
        needed = sum(2 * header.bytes + 4 * math.prod(header.shape) for header in headers)
        needed += _PER_SAMPLE * sum(header.shape[0] for header in headers if header.shape) // 2
        if needed > self._limit:
            raise DataError(
                f"{self.name} would take {readable_bytes(needed)} of memory, and the limit is "
                f"{readable_bytes(self._limit)}; use fewer samples, or smaller ones."
            )

    def read(self, key: str) -> AnyArray:
        """The whole array."""
        self.admit([key])
        with self._entry(key) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))

    def start(self, key: str, size: int = QUICK) -> AnyArray:
        """The whole array, or its first rows, as many as `size` bytes hold, where it is longer."""
        header = self.header(key)
        if header.fortran or header.bytes <= size:
            return self.read(key)
        self.admit([key])
        rows = max(1, size * header.shape[0] // header.bytes)
        shape = (rows, *header.shape[1:])
        with self._entry(key) as stream:
            stream.seek(header.offset)
            content = stream.read(math.prod(shape) * header.dtype.itemsize)
            return np.frombuffer(content, header.dtype).reshape(shape)

    def parts(self, key: str, *, size: int) -> Iterator[AnyArray]:
        """The array's first `size` bytes as they are stored, in flat pieces of which one is held at a time."""
        header = self.header(key)
        item = max(1, header.dtype.itemsize)
        left = min(header.bytes, size) // item
        with self._entry(key) as stream:
            stream.seek(header.offset)
            while left > 0:
                count = min(left, _PIECE // item)
                yield np.frombuffer(stream.read(count * item), header.dtype)
                left -= count

    def _checked(self, key: str) -> Header:
        with self._entry(key) as stream:
            version = npy.read_magic(stream)
            _check_header(stream, "<H" if version == (1, 0) else "<I")
            parse = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, fortran, dtype = parse(stream)
            header = Header(dtype=dtype, shape=shape, fortran=fortran, offset=stream.tell())
        if dtype.hasobject or dtype.kind in _NOT_NUMBERS:
            holds = _NOT_NUMBERS["O" if dtype.hasobject else dtype.kind]
            raise DataError(f"{key} in {self.name} holds {holds}; expected are numbers (integers, floats, booleans).")
        held = self._zip.getinfo(self._members[key]).file_size - header.offset
        if min(shape, default=0) < 0 or header.bytes != held:
            raise DataError(
                f"{key} in {self.name} claims the shape {shape}, but {readable_bytes(held)} follow; "
                "the file is damaged, write it again with numpy.savez."
            )
        return header

    @contextmanager
    def _entry(self, key: str) -> Iterator[IO[bytes]]:
        """The array's bytes, with whatever goes wrong in the block as a sentence."""
        try:
            with self._zip.open(self._members[key]) as stream:
                yield stream
        except DataError:
            raise
        except _BROKEN as error:
            why = cut(one_line(str(error)), 100)
            raise DataError(
                f"{key} in {self.name} cannot be read ({why}); the file is damaged, write it again with numpy.savez."
            ) from error


def _check_header(stream: IO[bytes], form: str) -> None:
    """Refuses a header that says it is longer than any is, before it is unpacked; leaves the stream at its length."""
    start = stream.tell()
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    if length > _LONGEST_HEADER:
        raise ValueError(f"its header says it is {length:,} bytes long")
    stream.seek(start)


def _opened(source: Path | BinaryIO, name: str) -> zipfile.ZipFile:
    start = _first_bytes(source) if isinstance(source, Path) else source.read(len(npy.MAGIC_PREFIX))
    try:
        return zipfile.ZipFile(source)
    except _BROKEN as error:
        raise DataError(f"{name} {_what_it_is(start)}; write it with numpy.savez(file, x=…, y=…).") from error


def _first_bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise DataError(f"There is no file {path}; give the path of an npz file.")
        if not path.is_file():  # opening a pipe would wait for ever
            raise DataError(f"{path} is a folder or a device; give the path of an npz file.")
        with path.open("rb") as stream:
            return stream.read(len(npy.MAGIC_PREFIX))
    except OSError as error:
        raise DataError(f"{path} cannot be opened ({error.strerror}); give the path of an npz file.") from error


def _what_it_is(start: bytes) -> str:
    if not start:
        return "is empty"
    if start == npy.MAGIC_PREFIX:
        return "holds one array alone (.npy), and an npz file of x and y is expected"
    return "is not an npz file, or is cut short"
