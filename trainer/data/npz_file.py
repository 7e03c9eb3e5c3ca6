"""Read arrays from an untrusted .npz file or folder of .npy files.

Nothing is unpickled, and sizes are checked before allocation.
"""

import math
import resource
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

import numpy as np
from numpy.lib import format as npy

from trainer.data.npz_members import BROKEN, members_of
from trainer.data.source import AnyArray
from trainer.errors import DataError
from trainer.format import cut, one_line, readable_bytes, shortened_line
from trainer.machine import total_memory

__all__ = ["QUICK", "Header", "NpzFile", "held_limit", "memory_limit"]

QUICK = 64_000_000
"""Bytes that can be read without a noticeable delay."""

# Bytes read at a time.
_PIECE = 2**23

# Smaller arrays are always read whole.
_SMALLEST_IN_PIECES = 2**25

# Bytes per sample of the labels and the stratified split: 82 measured with scikit-learn, plus a margin.
_PER_SAMPLE = 100

_LONGEST_NAME = 60

# Bytes. NumPy has the same limit, but applies it only after it has read the header.
_LONGEST_HEADER = 10_000

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
    """Return the bytes that a dataset may occupy: half of the memory of the machine, its container or the process."""
    own = [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS)]
    return min([total_memory(), *(limit for limit in own if limit != resource.RLIM_INFINITY)]) // 2


def held_limit(memory: int | None = None) -> int:
    """Return the bytes of prepared samples that are held in memory: an eighth of the machine's.

    It is a quarter of a run's own memory limit, if one is given and that is less.
    """
    share = memory_limit() // 4
    return share if memory is None else min(share, memory // 4)


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header of an array. `offset` is where its data begin, in bytes."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    offset: int

    @property
    def bytes(self) -> int:
        """The size of the data."""
        return math.prod(self.shape) * self.dtype.itemsize


class NpzFile:
    """An .npz file, or a folder of .npy files, open for reading; a context manager.

    Raises:
        DataError: From every method, with one sentence, if the file is not valid.
    """

    def __init__(self, source: Path | BinaryIO, *, name: str, limit: int | None = None) -> None:
        self.name = name
        self._is_file = isinstance(source, Path)
        self._limit = memory_limit() if limit is None else limit
        self._members = members_of(source, name)
        self._headers: dict[str, Header] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._members.close()

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return self._members.names

    def shown_keys(self, keys: Iterable[str] | None = None) -> str:
        """Format some names, or all, for a message: ten at most, each on one line and shortened."""
        chosen = self.keys if keys is None else tuple(keys)
        named = [shortened_line(key, _LONGEST_NAME) or repr(key) for key in chosen[:10]]
        return ", ".join(named) + (f" and {len(chosen) - 10:,} more" if len(chosen) > 10 else "")

    def header(self, key: str) -> Header:
        """Return the array's dtype and shape, checked to be numeric and consistent with its size."""
        if key not in self._members.names:
            raise DataError(f"{self.name} has no array {key!r}; it contains {self.shown_keys()}.")
        if key not in self._headers:
            self._headers[key] = self._checked(key)
        return self._headers[key]

    def admit(self, keys: Iterable[str]) -> None:
        """Refuse arrays that together need more memory than the limit, before any of them is unpacked.

        This counts the data as they are stored and once more in the order of the split, their float32 copy, and the
        memory of splitting per sample. Large arrays of samples are not counted if they can be read in pieces.
        """
        keys = list(keys)
        headers = [self.header(key) for key in keys]
        held = [self.header(key) for key in keys if not self.comes_in_pieces(key)]
        needed = sum(2 * header.bytes + 4 * math.prod(header.shape) for header in held)
        needed += _PER_SAMPLE * sum(header.shape[0] for header in headers if header.shape) // 2
        self._check_size(needed)

    def comes_in_pieces(self, key: str) -> bool:
        """Return whether an array of samples is large, and can be read by `blocks`."""
        header = self.header(key)
        is_large = len(header.shape) > 1 and header.bytes >= max(_SMALLEST_IN_PIECES, self._limit // 8)
        return is_large and self._is_file and not header.fortran and self._members.may_be_unpacked(key)

    def blocks(self, key: str) -> Iterator[AnyArray]:
        """Yield the rows of an array for which `comes_in_pieces` returns True, some at a time."""
        header = self.header(key)
        size = header.bytes // header.shape[0]
        step = max(1, _PIECE // size)
        with self._entry(key) as stream:
            stream.seek(header.offset)
            for first in range(0, header.shape[0], step):
                rows = min(step, header.shape[0] - first)
                yield np.frombuffer(stream.read(rows * size), header.dtype).reshape(rows, *header.shape[1:])

    def path(self, key: str) -> Path | None:
        """Return the file that contains nothing but this array, None if there is none."""
        return self._members.path(key)

    def read(self, key: str) -> AnyArray:
        """Read the whole array."""
        if self.comes_in_pieces(key):
            self._check_size(2 * self.header(key).bytes)
        self.admit([key])
        with self._entry(key) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))

    def start(self, key: str, size: int = QUICK) -> AnyArray:
        """Read the whole array, or as many of its first rows as fit into `size` bytes."""
        header = self.header(key)
        # In Fortran order the first rows are spread over the whole array.
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
        """Yield the array's first `size` bytes in storage order, in flat pieces, one at a time."""
        header = self.header(key)
        item = max(1, header.dtype.itemsize)
        left = min(header.bytes, size) // item
        with self._entry(key) as stream:
            stream.seek(header.offset)
            while left > 0:
                count = min(left, _PIECE // item)
                yield np.frombuffer(stream.read(count * item), header.dtype)
                left -= count

    def _check_size(self, needed: int) -> None:
        if needed > self._limit:
            raise DataError(
                f"{self.name} would need {readable_bytes(needed)} of memory, but the limit is "
                f"{readable_bytes(self._limit)}; use fewer or smaller samples."
            )

    def _checked(self, key: str) -> Header:
        with self._entry(key) as stream:
            version = npy.read_magic(stream)
            # Version 1 of the format stores the header's length in two bytes, later versions in four.
            _check_header(stream, "<H" if version == (1, 0) else "<I")
            parse = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, fortran, dtype = parse(stream)
            header = Header(dtype=dtype, shape=shape, fortran=fortran, offset=stream.tell())
        if dtype.hasobject or dtype.kind in _NOT_NUMBERS:
            holds = _NOT_NUMBERS["O" if dtype.hasobject else dtype.kind]
            raise DataError(f"{key} in {self.name} contains {holds}; expected numbers (integers, floats or booleans).")
        held = self._members.size(key) - header.offset
        if min(shape, default=0) < 0 or header.bytes != held:
            raise DataError(
                f"{key} in {self.name} has {readable_bytes(held)} of data, which does not match its shape {shape}. "
                f"The file is damaged; write it again with {self._members.advice}."
            )
        return header

    @contextmanager
    def _entry(self, key: str) -> Iterator[IO[bytes]]:
        """Open the array's bytes, and turn any failure in the block into a DataError."""
        try:
            with self._members.open(key) as stream:
                yield stream
        # A DataError is also a ValueError, which is caught below.
        except DataError:
            raise
        except BROKEN as error:
            why = cut(one_line(str(error)), 100)
            raise DataError(
                f"{key} in {self.name} cannot be read ({why}). The file is damaged; write it again with "
                f"{self._members.advice}."
            ) from error


def _check_header(stream: IO[bytes], form: str) -> None:
    """Refuse a header with an implausible length before it is read; leave the stream at the length field."""
    start = stream.tell()
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    if length > _LONGEST_HEADER:
        raise ValueError(f"its header claims a length of {length:,} bytes")
    stream.seek(start)
