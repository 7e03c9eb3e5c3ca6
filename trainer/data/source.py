"""The protocol of a dataset's source."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainer.config import DatasetConfig
from trainer.data.preparation.base import Preparation, Samples
from trainer.data.prepared import AnySamples, RowFile
from trainer.data.schema import Kind, Task
from trainer.data.splitting import Counts, Indices
from trainer.home import Home

__all__ = [
    "About",
    "AnyArray",
    "Arrays",
    "Divided",
    "FileSource",
    "Part",
    "Raw",
    "RawArrays",
    "RawPart",
    "Source",
    "digest_of",
]

AnyArray = NDArray[Any]
_Dataset = TypeVar("_Dataset", bound=DatasetConfig, contravariant=True)


class Arrays(NamedTuple):
    """Samples `x` of shape (samples, *input_shape) and targets `y` of shape (samples,) or (samples, outputs)."""

    x: AnyArray
    y: AnyArray


class Part(NamedTuple):
    """A part of prepared data: as `Arrays`, but samples that are too large for memory are a `Stream`."""

    x: AnySamples
    y: AnyArray


class RawArrays(NamedTuple):
    """Samples that are not prepared yet, and their targets `y` of shape (samples,) or (samples, outputs)."""

    x: Samples
    y: AnyArray


@dataclass(frozen=True, kw_only=True)
class About:
    """What a source knows without reading its samples.

    `samples` is the number of samples to split, and `parts` the sizes of the parts if the source splits them itself;
    `test_samples` and `validation_samples` are the sizes of the
    dataset's own test and validation data, None if it has none. `is_weighted` tells whether training samples have
    weights; `ignored` names the unused arrays of a file. `targets` are the mean and the standard deviation of each
    target of a regression, as far as they are known. `holds_integers` tells whether the x of a file has an integer
    dtype, `value_range` its range. `largest` is the largest possible value in x, None if unknown. `scale` is the
    default scaling. `raw_names` are the names of the raw values of a sample if they differ from its prepared
    `feature_names`; `raw_bytes` is what the raw samples take in memory, where it is known and the prepared samples may
    be streamed, and `working_bytes` what reading them takes besides; `output_names` are the names of the outputs of a
    regression, if they have names; `notes` are sentences about the data.
    """

    title: str
    kind: Kind
    task: Task
    other_task: Task | None = None
    input_shape: tuple[int, ...]
    samples: int
    parts: Counts | None = None
    test_samples: int | None = None
    validation_samples: int | None = None
    is_weighted: bool = False
    ignored: str = ""
    input_dtype: str = "float32"
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    raw_names: tuple[str, ...] = ()
    outputs: int = 1
    output_names: tuple[str, ...] = ()
    targets: tuple[tuple[float, float], ...] = ()
    vocabulary: int | None = None
    download_bytes: int | None = None
    holds_integers: bool = False
    value_range: tuple[float, float] | None = None
    largest: float | None = None
    scale: str = "none"
    raw_bytes: int | None = None
    working_bytes: int = 0
    notes: tuple[str, ...] = ()


class RawPart(NamedTuple):
    """As `Arrays`, but samples that are too large for memory are in a file of rows."""

    x: AnyArray | RowFile
    y: AnyArray


@dataclass(frozen=True, kw_only=True)
class Raw:
    """The samples as they are stored, before they are split and scaled.

    `y` is int64 of shape (samples,) with classes counted from 0, or float32 of shape (samples, outputs). `test` and
    `validation` are the dataset's own parts. `weights` are the float32 weights of the samples of `train` in the loss,
    of shape (samples,). `digest` is the digest of the raw arrays.
    """

    train: Arrays | RawPart
    test: Arrays | RawPart | None = None
    validation: Arrays | RawPart | None = None
    weights: AnyArray | None = None
    digest: str


class Source(Protocol[_Dataset]):
    """One dataset. To add one, implement this protocol and list it in `trainer.data.registry`."""

    def about(self, dataset: _Dataset, home: Home) -> About:
        """Describe the dataset without reading its samples. Never downloads.

        Raises:
            DataError: If the config's file cannot be read or is not valid.
        """
        ...

    def is_available(self, dataset: _Dataset, home: Home) -> bool:
        """Return whether `read` works without a download."""
        ...

    def look_through(self, dataset: _Dataset, home: Home) -> None:
        """Look for samples that `read` would refuse, for about a second; do nothing if they are known to be valid.

        Raises:
            DataError: As above.
        """
        ...

    def read(self, dataset: _Dataset, home: Home) -> Raw:
        """Read all samples. Never downloads.

        Raises:
            DataError: As above.
            DownloadError: If the dataset needs to be downloaded first.
        """
        ...

    def peek(self, dataset: _Dataset, home: Home) -> Arrays:
        """Read samples to choose a few from: all, or only the first if reading all would be slow.

        Raises:
            DataError: As above.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Divided:
    """A file that is read, divided, and has its preparation fitted on the training part.

    `samples` are all raw samples, `y` their targets as in `Raw`, `weights` their float32 weights in the loss,
    `indices` the samples of each part, and `rows` the number of each sample in the file, (samples,). `details` is
    what else belongs to the record as JSON, such as a detected delimiter. `digest` is that of the file's content.
    """

    about: About
    samples: Samples
    y: AnyArray
    weights: AnyArray | None = None
    indices: Indices
    rows: AnyArray
    preparation: Preparation
    details: Mapping[str, Any] = field(default_factory=dict)
    digest: str


class FileSource(Protocol[_Dataset]):
    """A dataset in a file of the user, which becomes tensors by a fitted preparation.

    To add one, implement this protocol and list it in `trainer.data.registry`.
    """

    def about(self, dataset: _Dataset, home: Home) -> About:
        """Describe the dataset, as `Source.about` does."""
        ...

    def is_available(self, dataset: _Dataset, home: Home) -> bool:
        """Return whether it can be read without a download."""
        ...

    def look_through(self, dataset: _Dataset, home: Home) -> None:
        """Look for samples that `divide` would refuse, as `Source.look_through` does."""
        ...

    def divide(self, dataset: _Dataset, home: Home) -> Divided:
        """Read and divide all samples, and fit the preparation on the training part.

        Raises:
            DataError: If the file cannot be read or does not match the config.
        """
        ...

    def peek(self, dataset: _Dataset, home: Home) -> RawArrays:
        """Read samples to choose a few from. Raises DataError as above."""
        ...


def digest_of(*arrays: AnyArray | RowFile) -> str:
    """Return the SHA-256 of each array's dtype, shape and bytes (C-contiguous, little-endian): 64 hex digits."""
    found = hashlib.sha256()
    for array in arrays:
        # Neither the memory layout nor the byte order of an array is part of its values.
        dtype = array.dtype.newbyteorder("<")
        found.update(f"{dtype.str}{array.shape}".encode())
        for piece in array.pieces() if isinstance(array, RowFile) else (array,):
            plain = np.ascontiguousarray(piece, dtype=dtype)
            found.update(plain.reshape(-1).view(np.uint8).data if plain.size else b"")
    return found.hexdigest()
