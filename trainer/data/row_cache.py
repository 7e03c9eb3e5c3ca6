"""Files of rows in home's cache: what a source larger than memory is prepared into, once.

A file is named by the digest of all that it follows from, so that it never changes.
"""

import contextlib
import hashlib
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from trainer.data.files import write_whole
from trainer.data.prepared import RowFile
from trainer.errors import ResourceError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["cached_file", "cached_rows", "forget_old"]

# Seconds after which a file that no run has opened is removed; it can be made again.
_OLD = 14 * 86_400
_SUFFIX = ".rows"
# Bytes that are written to the disk at a time.
_FLUSHED = 2**26


def cached_rows(
    home: Home,
    key: Mapping[str, Any],
    *,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    blocks: Callable[[], Iterable[np.ndarray[Any, Any]]],
) -> RowFile:
    """Return the rows that `blocks` yields, from the cache if they have been written before.

    Args:
        home: the home with the cache.
        key: all that the rows follow from, as JSON.
        shape: (rows, …) of all blocks together.
        dtype: that of every block.
        blocks: yields the rows, some at a time.

    Raises:
        ResourceError: If the disk is full or cannot be written.
    """
    whole = {**key, "shape": shape, "dtype": dtype.str}
    size = math.prod(shape) * dtype.itemsize
    path = _cached(home, whole, _SUFFIX, lambda file: _write(file, blocks()), size=size, exact=True)
    return RowFile(path, shape=shape, dtype=dtype)


def cached_file(home: Home, key: Mapping[str, Any], write: Callable[[BinaryIO], object], *, size: int) -> Path:
    """Return a file that `write` fills, from the cache if it has been written before.

    Args:
        home: the home with the cache.
        key: all that the content follows from, as JSON.
        write: writes the content.
        size: about how many bytes it has.

    Raises:
        ResourceError: If the disk is full or cannot be written.
    """
    return _cached(home, key, ".table", write, size=size)


def _cached(
    home: Home,
    key: Mapping[str, Any],
    suffix: str,
    write: Callable[[BinaryIO], object],
    *,
    size: int,
    exact: bool = False,
) -> Path:
    """Return the path of the file of a key; one whose size is not `size` is written again if it must be `exact`."""
    text = json.dumps(dict(key), sort_keys=True)
    path = home.cache / f"{hashlib.sha256(text.encode()).hexdigest()}{suffix}"
    if not path.is_file() or (exact and path.stat().st_size != size):
        forget_old(home)
        _check_space(home, size)
        write_whole(path, write)
    with contextlib.suppress(OSError):
        os.utime(path)
    return path


def forget_old(home: Home, *, now: float | None = None) -> None:
    """Remove the files that no run has opened for 14 days, and what a process left behind that was killed.

    A process that still reads such a file keeps its rows until it ends.
    """
    before = (time.time() if now is None else now) - _OLD
    with contextlib.suppress(OSError):
        for path in home.cache.iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime >= before:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def _check_space(home: Home, size: int) -> None:
    existing = next(folder for folder in (home.cache, *home.cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if size > free:
        raise ResourceError(
            f"The prepared data need {readable_bytes(size)} in {home.cache}, but the disk has {readable_bytes(free)} "
            "free; free disk space, choose another home with --home, or use fewer samples."
        )


def _write(file: BinaryIO, blocks: Iterable[np.ndarray[Any, Any]]) -> None:
    unflushed, flushing = 0, None
    # The disk writes what is there while the next blocks are made.
    with ThreadPoolExecutor(max_workers=1) as disk:
        for block in blocks:
            unflushed += file.write(np.ascontiguousarray(block).reshape(-1).view(np.uint8).data if block.size else b"")
            if unflushed >= _FLUSHED:
                # Its error must be seen, since the system reports each only once.
                if flushing is not None:
                    flushing.result()
                unflushed, flushing = 0, disk.submit(os.fdatasync, file.fileno())
    if flushing is not None:
        flushing.result()
