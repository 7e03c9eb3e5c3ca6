"""A run's predictions of the samples it was evaluated on, one for each sample, as a compact file."""

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from trainer.format import counted, readable_bytes

__all__ = ["LARGEST_BYTES", "Predictions"]

LARGEST_BYTES = 16 * 2**20
"""The most that the arrays of a run may take before compression: about a million samples of a classification."""

_ARRAYS = ("rows", "actual", "predicted", "confidence", "cross_entropy")
_ABOUT = "about"


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a network predicted for each sample of the evaluated part, and which samples these are.

    `part` is `test`, or `validation` for data without a test part, and `samples` the size of the part. The samples of
    two runs are the same if `data_digest`, the SHA-256 of the raw data, and `rows` are equal.

    In a classification `actual` and `predicted` are classes from 0 of shape (samples,), `confidence` is the probability
    of the predicted class, `cross_entropy` the negative logarithm of the probability of the actual class, and `labels`
    are the names of the classes. In a regression `actual` and `predicted` are values of shape (samples, targets).
    `left_out` says why there are no arrays.
    """

    part: str
    data_digest: str
    samples: int
    labels: tuple[str, ...] = ()
    left_out: str = ""
    rows: NDArray[Any] | None = None
    """Indices of the samples in the raw data that were split, (samples,); None if the data have a part of their own."""
    actual: NDArray[Any] | None = None
    predicted: NDArray[Any] | None = None
    confidence: NDArray[Any] | None = None
    cross_entropy: NDArray[Any] | None = None

    @property
    def is_classification(self) -> bool:
        """Whether classes were predicted, as opposed to values."""
        return bool(self.labels)

    def within(self, largest: int = LARGEST_BYTES) -> Self:
        """Return these predictions, or only what they are about if the arrays take more than `largest` bytes."""
        size = sum(array.nbytes for array in self._arrays().values())
        if size <= largest:
            return self
        words = (
            f"The predictions of {counted(self.samples, f'{self.part} sample')} were not kept, because they take "
            f"{readable_bytes(size)}; the limit is {readable_bytes(largest)}."
        )
        return replace(
            self, left_out=words, rows=None, actual=None, predicted=None, confidence=None, cross_entropy=None
        )

    def has_same_samples(self, other: "Predictions") -> bool:
        """Return whether both were made for the same samples, in the same order, with the same targets."""
        mine = (self.part, self.data_digest, self.samples, self.labels)
        if mine != (other.part, other.data_digest, other.samples, other.labels) or (self.rows is None) != (
            other.rows is None
        ):
            return False
        pairs = [(self.actual, other.actual), (self.rows, other.rows)]
        return all(one is None or other is None or np.array_equal(one, other) for one, other in pairs)

    def dumps(self) -> bytes:
        """Return the content of the file: a compressed NPZ without pickled objects."""
        about = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _ARRAYS}
        content = io.BytesIO()
        arrays: dict[str, Any] = {_ABOUT: np.frombuffer(json.dumps(about).encode(), np.uint8), **self._arrays()}
        np.savez_compressed(content, **arrays)
        return content.getvalue()

    @classmethod
    def loads(cls, content: bytes | None) -> Self | None:
        """Read what `dumps` wrote; return None for anything else."""
        try:
            with zipfile.ZipFile(io.BytesIO(content or b"")) as members:
                # A small file may unpack to any size.
                if sum(member.file_size for member in members.infolist()) > 2 * LARGEST_BYTES:
                    return None
            with np.load(io.BytesIO(content or b""), allow_pickle=False) as read:
                about = json.loads(read[_ABOUT].tobytes())
                found = cls(
                    part=str(about["part"]),
                    data_digest=str(about["data_digest"]),
                    samples=int(about["samples"]),
                    labels=tuple(str(label) for label in about["labels"]),
                    left_out=str(about["left_out"]),
                    **{name: read[name] for name in _ARRAYS if name in read},
                )
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error):
            return None
        return found if found._is_whole() else None

    def _arrays(self) -> dict[str, NDArray[Any]]:
        given = {name: getattr(self, name) for name in _ARRAYS}
        return {name: array for name, array in given.items() if array is not None}

    def _is_whole(self) -> bool:
        """Return whether the arrays fit together; all are missing where they were left out."""
        if self.actual is None or self.predicted is None:
            return bool(self.left_out)
        arrays = self._arrays()
        shapes = {name: array.shape for name, array in arrays.items()}
        of_samples = {
            "rows",
            "confidence",
            "cross_entropy",
            *(("actual", "predicted") if self.is_classification else ()),
        }
        return (
            all(array.dtype.kind in "iuf" for array in arrays.values())
            and shapes["actual"] == shapes["predicted"]
            and len(self.actual) == self.samples
            and all(shape == (self.samples,) for name, shape in shapes.items() if name in of_samples)
            and (not self.is_classification or self._has_known_classes())
        )

    def _has_known_classes(self) -> bool:
        classes = [array for array in (self.actual, self.predicted) if array is not None]
        return all(
            array.dtype.kind in "iu" and (not array.size or 0 <= array.min() <= array.max() < len(self.labels))
            for array in classes
        )
