"""The preparation of texts: each becomes a sequence of tokens, or a vector that tells which tokens it has."""

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.sources.table import Rows, Table, Words

__all__ = ["TextPreparation", "fit_text", "tokens_of"]

_PUNCTUATION = string.punctuation.encode()
# Padding and the token of all words that are not in the vocabulary.
_RESERVED = 2
_UNKNOWN = 1


@dataclass(frozen=True, kw_only=True)
class TextPreparation:
    """What Keras's `TextVectorization` with this vocabulary does, to the last bit.

    With `output_mode` `int` a text becomes (output_sequence_length,) of int32: its first tokens, padded with 0 at the
    end; 1 is a word that is not in the vocabulary, whose words count from 2. With `multi_hot` it becomes
    (words + 1,) of float32, 1 for each word that it has, the first for unknown words.
    """

    column: str
    vocabulary: tuple[str, ...]
    output_mode: str = "int"
    output_sequence_length: int = 200
    standardize: str | None = "lower_and_strip_punctuation"
    tokens: str = "whitespace"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a prepared text."""
        return (self.output_sequence_length if self.output_mode == "int" else len(self.vocabulary) + 1,)

    @property
    def features(self) -> tuple[str, ...]:
        """Nothing: the values of a text have no names."""
        return ()

    @property
    def dtype(self) -> str:
        """The type of a prepared text."""
        return "int32" if self.output_mode == "int" else "float32"

    @property
    def size(self) -> int:
        """The number of different tokens, padding and unknown words included."""
        return len(self.vocabulary) + _RESERVED

    def apply(self, samples: Table) -> NDArray[Any]:
        """Return the prepared texts, (texts, *shape)."""
        words = samples.columns[self.column]
        if not isinstance(words, Words):
            raise TypeError("expected a column of texts")
        places = {word.encode(): place for place, word in enumerate(self.vocabulary, start=_RESERVED)}
        prepared = np.zeros((len(samples), *self.shape), self.dtype)
        # A text that occurs several times is cut into tokens once.
        order = np.argsort(words.codes, kind="stable")
        found, starts = np.unique(words.codes[order], return_index=True)
        # Without any text, `np.split` returns one empty part.
        groups = np.split(order, starts[1:]) if len(found) else []
        for code, rows in zip(found.tolist(), groups, strict=True):
            tokens = tokens_of(words.values[code], standardize=self.standardize, by=self.tokens)
            prepared[rows] = self._row([places.get(token, _UNKNOWN) for token in tokens])
        return prepared

    def _row(self, tokens: Sequence[int]) -> NDArray[Any]:
        row = np.zeros(self.shape, self.dtype)
        if self.output_mode == "int":
            kept = tokens[: self.output_sequence_length]
            row[: len(kept)] = kept
        else:
            row[[token - 1 for token in tokens]] = 1
        return row

    def state(self) -> dict[str, Any]:
        """Return everything that was fitted, as JSON."""
        return {
            "kind": "text",
            "column": self.column,
            "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length,
            "standardize": self.standardize,
            "tokens": self.tokens,
            "vocabulary": list(self.vocabulary),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "TextPreparation":
        """Return the preparation of a state."""
        fields = {name: value for name, value in state.items() if name != "kind"}
        return cls(**{**fields, "vocabulary": tuple(fields["vocabulary"])})


def fit_text(
    train: Rows,
    column: str,
    *,
    max_tokens: int,
    output_mode: str,
    output_sequence_length: int,
    standardize: str | None,
    tokens: str,
) -> TextPreparation:
    """Collect the vocabulary from the texts of the training part: the most frequent words, ties by their bytes.

    Args:
        train: the rows of the training part, and of no other.
        column: the column with the texts.
        max_tokens: the size of the vocabulary, padding and the token of unknown words included.
        output_mode: `int` or `multi_hot`.
        output_sequence_length: the length of the sequences.
        standardize: `lower_and_strip_punctuation`, `lower`, `strip_punctuation` or None.
        tokens: `whitespace` for words, or `character`.
    """
    counts: Counter[bytes] = Counter()
    for words in train.words(column):
        for text, times in zip(words.values, words.counts().tolist(), strict=True):
            if times:
                for token in tokens_of(text, standardize=standardize, by=tokens):
                    counts[token] += times
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return TextPreparation(
        column=column,
        vocabulary=tuple(token.decode() for token in ranked[: max_tokens - _RESERVED]),
        output_mode=output_mode,
        output_sequence_length=output_sequence_length,
        standardize=standardize,
        tokens=tokens,
    )


def tokens_of(text: str, *, standardize: str | None, by: str) -> list[bytes]:
    """Return the tokens of a text in UTF-8, as TensorFlow's operations on strings give them."""
    # TensorFlow changes ASCII letters only, and splits at ASCII white space, as methods of bytes do.
    found = text.encode(errors="replace")
    if standardize in {"lower", "lower_and_strip_punctuation"}:
        found = found.lower()
    if standardize in {"strip_punctuation", "lower_and_strip_punctuation"}:
        found = found.translate(None, _PUNCTUATION)
    return found.split() if by == "whitespace" else [character.encode() for character in found.decode()]
