"""Where a dataset comes from: what every source can answer."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainer.config import DatasetConfig
from trainer.data.schema import Kind, Task
from trainer.home import Home

__all__ = ["About", "AnyArray", "Arrays", "Raw", "Source", "digest_of"]

AnyArray = NDArray[Any]
_Dataset = TypeVar("_Dataset", bound=DatasetConfig, contravariant=True)


class Arrays(NamedTuple):
    """Samples `x` (samples, *input_shape) and what is to be predicted of each, `y` (samples,) or (samples, outputs)."""

    x: AnyArray
    y: AnyArray


@dataclass(frozen=True, kw_only=True)
class About:
    """What a source knows without reading its samples.

    `samples` are those that are split; `test_samples` is the size of the dataset's own test part, None
    where it has none, and `validation_samples` that of its own validation part. `is_weighted` says whether its
    training samples have weights, `ignored` names the arrays of its file that are not used. `targets` are the
    mean and the deviation of each output in a regression, as far as they are known. `holds_integers` says
    whether a file's x is of an integer type, `value_range` between which numbers it lies. `largest` is the largest
    value a number in x can have, None where nothing says it. `scale` is how x is scaled where the config leaves
    it open.
    """

    title: str
    kind: Kind
    task: Task
    other_task: Task | None = None
    input_shape: tuple[int, ...]
    samples: int
    test_samples: int | None = None
    validation_samples: int | None = None
    is_weighted: bool = False
    ignored: str = ""
    input_dtype: str = "float32"
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    outputs: int = 1
    targets: tuple[tuple[float, float], ...] = ()
    vocabulary: int | None = None
    download_bytes: int | None = None
    holds_integers: bool = False
    value_range: tuple[float, float] | None = None
    largest: float | None = None
    scale: str = "none"


@dataclass(frozen=True, kw_only=True)
class Raw:
    """The samples as they are stored, before they are split and scaled.

    `y` is int64 (samples,) with classes counted from 0, or float32 (samples, outputs). `test` and `validation` are the
    dataset's own parts. `weights` are float32 (samples,), how much each sample of `train` counts in the loss. `digest`
    is over the arrays as they came.
    """

    train: Arrays
    test: Arrays | None = None
    validation: Arrays | None = None
    weights: AnyArray | None = None
    digest: str


class Source(Protocol[_Dataset]):
    """One dataset. To add one, write such a class and name it in `trainer.data.registry`."""

    def about(self, dataset: _Dataset, home: Home) -> About:
        """What is known at once. Never downloads.

        Raises:
            DataError: the file that the config names cannot be read or does not fit.
        """
        ...

    def is_available(self, dataset: _Dataset, home: Home) -> bool:
        """Whether nothing has to be downloaded before `read`."""
        ...

    def look_through(self, dataset: _Dataset, home: Home) -> None:
        """Looks for what `read` would refuse, in about a second; nothing where the samples are known to be right.

        Raises:
            DataError: as above.
        """
        ...

    def read(self, dataset: _Dataset, home: Home) -> Raw:
        """All samples. Never downloads.

        Raises:
            DataError: as above.
            DownloadError: it has to be downloaded first.
        """
        ...

    def peek(self, dataset: _Dataset, home: Home) -> Arrays:
        """Samples to choose a few from: all, or the first where reading all would take long.

        Raises:
            DataError: as above.
        """
        ...


def digest_of(*arrays: AnyArray) -> str:
    """SHA-256 over each array's dtype, shape and bytes (C-contiguous, little-endian): 64 hex digits."""
    found = hashlib.sha256()
    for array in arrays:
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        found.update(f"{plain.dtype.str}{plain.shape}".encode())
        found.update(plain.reshape(-1).view(np.uint8).data if plain.size else b"")
    return found.hexdigest()
