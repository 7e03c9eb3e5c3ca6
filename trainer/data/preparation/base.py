"""What a preparation is: raw samples to tensors, fitted on the training part only."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Preparation", "Samples", "StoredSamples", "state_digest"]


class Samples(Protocol):
    """Raw samples of any kind: rows of a table, files of images, texts."""

    def __len__(self) -> int: ...

    def take(self, indices: NDArray[np.intp]) -> "Samples":
        """Return the samples at these indices, in this order."""
        ...

    def shown(self) -> NDArray[Any]:
        """Return the samples as a page shows them: (samples, …) of numbers, or of objects such as texts."""
        ...


@runtime_checkable
class StoredSamples(Samples, Protocol):
    """Raw samples that are larger than memory, which are read in their order."""

    def in_pieces(self) -> Iterator[Samples]:
        """Yield all samples, some at a time."""
        ...


class Preparation(Protocol):
    """A fitted preparation. Its arithmetic equals that of the Keras layers built from its state to the last bit."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one prepared sample."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the prepared values of a sample, if they have names."""
        ...

    def apply(self, samples: Any) -> NDArray[Any]:
        """Return the prepared samples, (samples, *shape)."""
        ...

    def state(self) -> dict[str, Any]:
        """Return everything that was fitted, as JSON; `kind` names the preparation."""
        ...


def state_digest(state: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a preparation's state, 64 hex digits."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
