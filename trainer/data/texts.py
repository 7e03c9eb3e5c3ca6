"""Texts as word ids: stored flat and complete, truncated and padded when they are loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.data.source import AnyArray
from trainer.errors import DataError

__all__ = ["OUT_OF_VOCABULARY", "Texts", "flatten_texts"]

OUT_OF_VOCABULARY = 2
"""The id of words beyond `num_words`; 0 is padding and 1 the start of a text, as in Keras."""

_CHUNK = 2**20


@dataclass(frozen=True)
class Texts:
    """Text i is `words[offsets[i]:offsets[i + 1]]`.

    Raises:
        DataError: If the offsets do not match the words.
    """

    words: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        steps = np.diff(self.offsets)
        if (
            self.offsets.size == 0
            or self.offsets[0] != 0
            or self.offsets[-1] != self.words.size
            or steps.min(initial=0) < 0
        ):
            raise DataError("The offsets of the texts do not match their words.")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def first(self, count: int) -> "Texts":
        """Return the first texts only."""
        offsets = self.offsets[: count + 1]
        return Texts(self.words[: offsets[-1]], offsets)

    def padded(self, *, num_words: int, maxlen: int) -> NDArray[np.int32]:
        """Return an array of shape (texts, maxlen): the last `maxlen` words of each text, padded with 0 in front.

        Words from `num_words` on become 2. This equals Keras's `load_data(num_words=…)` followed by
        `pad_sequences(…, maxlen=…)`.
        """
        known = np.where(self.words < num_words, self.words, np.int32(OUT_OF_VOCABULARY))
        rows = np.zeros((len(self), maxlen), np.int32)
        step = max(1, _CHUNK // maxlen)
        for first in range(0, len(self), step):
            ends = self.offsets[first + 1 : first + step + 1, None]
            starts = self.offsets[first : first + step, None][: len(ends)]
            places = ends - maxlen + np.arange(maxlen)
            # Places before the start of a text are its padding.
            inside = places >= starts
            rows[first : first + step][inside] = known[places[inside]]
        return rows


def flatten_texts(texts: Iterable[Sequence[int] | AnyArray]) -> Texts:
    """Convert lists of word ids, as Keras's loaders return them, to `Texts`."""
    rows = [np.asarray(text, np.int32).reshape(-1) for text in texts]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)]).astype(np.int64)
    # NumPy cannot concatenate an empty list.
    return Texts(np.concatenate([*rows, np.empty(0, np.int32)]), offsets)
