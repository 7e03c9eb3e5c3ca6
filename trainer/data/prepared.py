"""Samples that are too large to be held in memory prepared: read and prepared where they are indexed."""

import math
import mmap
import os
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import DataError

__all__ = ["PIECE", "AnySamples", "RowFile", "Stream", "WindowRows", "largest_of", "pieces"]

PIECE = 2**23
"""Bytes of prepared samples that are worked on at a time, where all of them are needed in turn."""

_LARGE_ROW = 4096
# Bytes, as Eigen's largest vectors.
_ALIGNED = 64

_Rows = NDArray[Any]


class RowFile:
    """Rows of one shape and type in a file, of which only those that are indexed are in memory.

    Args:
        path: a file that nobody changes: the rows in C order, little-endian, and nothing else.
        shape: (rows, …).
        dtype: that of the rows.
        channels: `first` if the rows are images whose first axis are the channels; they are indexed with it last.
        offset: bytes in front of the rows.
        state: returns something that changes if somebody does change the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        channels: str = "last",
        offset: int = 0,
        state: Callable[[Path], object] = lambda path: None,
    ) -> None:
        self._path, self._stored, self._moves = path, shape, channels == "first"
        self._offset, self._state, self._before = offset, state, state(path)
        self.shape = (shape[0], *shape[2:], shape[1]) if self._moves else shape
        self.dtype = dtype
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        # Rows are read in random order: reading ahead would read many times what is needed.
        self._map.madvise(mmap.MADV_RANDOM)
        self._rows = np.frombuffer(self._map, dtype, math.prod(shape), offset).reshape(shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.intp]) -> _Rows:
        """Return the rows at these indices, in this order."""
        # Reading beyond the end of a file that became shorter would end the process.
        if self._state(self._path) != self._before:
            raise DataError(f"{self._path} changed while it was read; wait until it is written, and try again.")
        order = np.argsort(rows, kind="stable")
        found = _aligned((len(rows), *self._stored[1:]), self.dtype)
        if found[:1].nbytes < _LARGE_ROW:
            found[order] = self._rows[rows[order]]
            # Pages of the file would count as the process's memory until the whole file were among them.
            self._map.madvise(mmap.MADV_DONTNEED)
        else:
            self._read(rows, order, found)
        return np.moveaxis(found, 1, -1) if self._moves else found

    def _read(self, rows: NDArray[np.intp], order: NDArray[np.intp], found: _Rows) -> None:
        """Read large rows into `found` by system calls, which take half as long as mapping their pages."""
        flat = found.reshape(len(rows), -1).view(np.uint8)
        size = flat.shape[1]
        for place, row in zip(order.tolist(), rows[order].tolist(), strict=True):
            done = 0
            while done < size:
                read = os.preadv(self._file, [flat[place, done:].data], self._offset + row * size + done)
                if not read:
                    raise DataError(f"{self._path} became shorter while it was read; prepare the data again.")
                done += read

    @property
    def size(self) -> int:
        """The number of values."""
        return int(np.prod(self.shape, dtype=np.int64))

    def with_channels_last(self) -> "RowFile":
        """Return the same images, stored with their channels first, with the channels last."""
        return RowFile(
            self._path,
            shape=self._stored,
            dtype=self.dtype,
            channels="first",
            offset=self._offset,
            state=self._state,
        )

    def pieces(self) -> Iterator[_Rows]:
        """Yield all rows in order, some at a time."""
        return pieces(Stream(self, np.arange(len(self), dtype=np.intp)))


def _aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> _Rows:
    """Return memory for an array that begins where TensorFlow takes it over; it copies what begins elsewhere."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + _ALIGNED, np.uint8)
    start = -memory.ctypes.data % _ALIGNED
    return memory[start : start + size].view(dtype).reshape(shape)


class WindowRows:
    """Windows of consecutive steps as if they were rows, of which only those that are indexed are copied.

    Args:
        steps: all steps, (steps, …).
        starts: the first step of each window, (windows,).
        length: the number of steps in a window.
    """

    def __init__(self, steps: _Rows, starts: NDArray[np.intp], length: int) -> None:
        self._steps, self._starts, self._offsets = steps, starts, np.arange(length, dtype=np.intp)
        self.shape: tuple[int, ...] = (len(starts), length, *steps.shape[1:])
        self.dtype = steps.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.intp]) -> _Rows:
        """Return the windows at these indices, in this order, (windows, length, …)."""
        found: _Rows = self._steps[self._starts[rows][:, None] + self._offsets]
        return found


class Stream:
    """Samples (samples, …) that are read and prepared when they are indexed as an array of them would be.

    Args:
        raw: the raw samples of all parts, (rows, …).
        rows: the rows of these samples, (samples,).
        prepare: raw samples to prepared ones of the same shape, each sample by itself.
        divisor: what `prepare` divides bytes by, in float32, if it does nothing else.
    """

    def __init__(
        self,
        raw: _Rows | RowFile | WindowRows,
        rows: NDArray[np.intp],
        prepare: Callable[[_Rows], _Rows] | None = None,
        *,
        divisor: float | None = None,
    ) -> None:
        self._raw, self._rows, self.divisor = raw, rows, divisor
        self._prepare = prepare or (lambda samples: samples)
        self.shape = (len(rows), *raw.shape[1:])
        self.dtype = self._prepare(np.empty((0, *raw.shape[1:]), raw.dtype)).dtype

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int | np.integer[Any] | slice | NDArray[np.intp]) -> _Rows:
        """Return a sample, or several as a new array, prepared."""
        if isinstance(index, int | np.integer):
            sample: _Rows = self._take(self._rows[index : index + 1 or None])[0]
            return sample
        return self._take(self._rows[index])

    @property
    def undivided(self) -> "Stream":
        """The same samples as they are before they are prepared: bytes, where there is a `divisor`."""
        return Stream(self._raw, self._rows)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of values."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """The bytes that all samples would take if they were held in memory."""
        return self.size * self.dtype.itemsize

    def prepared(self, prepare: Callable[[_Rows], _Rows], *, divisor: float | None = None) -> "Stream":
        """Return the same samples with another preparation."""
        return Stream(self._raw, self._rows, prepare, divisor=divisor)

    def _take(self, rows: NDArray[np.intp]) -> _Rows:
        return np.ascontiguousarray(self._prepare(self._raw[rows]))


AnySamples = _Rows | Stream
"""Samples in memory, or a stream of them; both are indexed alike."""


def pieces(x: AnySamples) -> Iterator[_Rows]:
    """Yield all samples in order, some at a time; an array in memory is yielded whole."""
    if not isinstance(x, Stream):
        yield x
        return
    step = max(1, PIECE * len(x) // max(1, x.nbytes))
    for first in range(0, len(x), step):
        yield x[first : first + step]


def largest_of(x: AnySamples) -> float:
    """Return the largest absolute value; NaN if a value is NaN, 0 without samples."""
    return float(np.max([np.abs(piece).max(initial=0) for piece in pieces(x)], initial=0.0))
