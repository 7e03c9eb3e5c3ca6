"""The complete state of a training in one file, written atomically and read without pickle.

The file is a line that names the format, the length of a JSON header, the header, the raw arrays in its order, and
the SHA-256 of all that. No TensorFlow here.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.config import Config
from trainer.engine.report import Threads
from trainer.tracking.files import CHECKPOINTS, checkpoint_name

__all__ = ["Checkpoint", "ancestry", "checkpoint_files", "latest_checkpoint", "read_checkpoint", "write_checkpoint"]

_Array = npt.NDArray[Any]

_MAGIC = b"fitboard checkpoint 1\n"
_LENGTH_BYTES = 8
_DIGEST_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The position of a training, and everything that its next step depends on.

    `epoch` counts whole epochs, `step` the steps done in the one after them. `history` has one row for each whole
    epoch, its columns named by `columns`. `complete` says that callbacks ended the training here.
    """

    config: str
    ancestry: str
    epoch: int
    step: int
    steps_per_execution: int
    threads: Threads
    complete: bool = False
    spent: float = 0.0
    """Seconds that the current epoch has taken so far."""
    columns: Sequence[str] = ()
    callbacks: Sequence[Mapping[str, Any]] = ()
    history: _Array = field(default_factory=lambda: np.zeros((0, 0)))
    arrays: Mapping[str, _Array] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the file; names sort by progress."""
        return checkpoint_name(self.epoch, self.step)


def ancestry(config: Config) -> str:
    """Return the digest of everything that the steps depend on; configs that differ only in `epochs` share it."""
    return config.model_copy(update={"epochs": 1}).digest


def checkpoint_files(folder: Path) -> tuple[Path, ...]:
    """Return the checkpoints in a run's folder, latest first, without opening them."""
    return tuple(sorted(folder.glob(CHECKPOINTS), reverse=True))


def latest_checkpoint(folder: Path, config: Config | None = None) -> Checkpoint | None:
    """Return the latest valid checkpoint, for the config if one is given, or None."""
    for file in checkpoint_files(folder):
        found = read_checkpoint(file)
        if found is not None and (config is None or found.ancestry == ancestry(config)):
            return found
    return None


def write_checkpoint(checkpoint: Checkpoint, folder: Path) -> Path:
    """Write to a temporary file, flush it to disk, and only then rename it.

    Raises:
        OSError: it cannot be written; nothing is left behind then.
    """
    target = folder / checkpoint.name
    temporary = folder / f"{checkpoint.name}.{os.getpid()}.tmp"
    try:
        with temporary.open("wb") as file:
            digest = hashlib.sha256()
            for part in _parts(checkpoint):
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
            file.flush()
            # Without this, a power cut after the rename may leave a complete name with incomplete content.
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return target


def read_checkpoint(file: Path) -> Checkpoint | None:
    """Read what `write_checkpoint` wrote; return None if the file is truncated, altered, or not a checkpoint."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    body, digest = memoryview(content)[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if not content.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    try:
        return _parsed(body[len(_MAGIC) :])
    except (ValueError, TypeError, KeyError):
        return None


def _parts(checkpoint: Checkpoint) -> list[bytes | memoryview]:
    arrays = {"history": np.asarray(checkpoint.history, np.float64), **checkpoint.arrays}
    header = {name: value for name, value in vars(checkpoint).items() if name not in {"history", "arrays"}}
    header["threads"] = asdict(checkpoint.threads)
    header["arrays"] = [[name, array.dtype.name, array.shape] for name, array in arrays.items()]
    text = json.dumps(header).encode()
    raw = [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays.values()]
    return [_MAGIC, len(text).to_bytes(_LENGTH_BYTES, "little"), text, *raw]


def _parsed(body: memoryview) -> Checkpoint:
    end = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "little")
    header = json.loads(bytes(body[_LENGTH_BYTES:end]))
    arrays: dict[str, _Array] = {}
    for name, dtype_name, shape in header.pop("arrays"):
        dtype = np.dtype(dtype_name)
        begin, end = end, end + dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(body[begin:end], dtype).reshape(shape)
    threads = Threads(**header.pop("threads"))
    return Checkpoint(**header, threads=threads, history=arrays.pop("history"), arrays=arrays)
