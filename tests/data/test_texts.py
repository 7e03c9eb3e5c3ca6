"""Texts as numbers of words: cut and padded as Keras does it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.texts import Texts, flatten_texts
from trainer.errors import DataError

TEXTS = st.lists(st.lists(st.integers(0, 60), max_size=12), min_size=1, max_size=8)


def as_keras_does(texts: list[list[int]], num_words: int, maxlen: int) -> list[list[int]]:
    """`load_data(num_words=…)`, then `pad_sequences` with its default padding and truncating, both `pre`."""
    known = [[word if word < num_words else 2 for word in text] for text in texts]
    return [[0] * (maxlen - len(text)) + text[max(0, len(text) - maxlen) :] for text in known]


@given(texts=TEXTS, num_words=st.integers(4, 70), maxlen=st.integers(1, 15))
def test_texts_are_cut_and_padded_in_front(texts: list[list[int]], num_words: int, maxlen: int) -> None:
    padded = flatten_texts(texts).padded(num_words=num_words, maxlen=maxlen)
    assert padded.dtype == np.int32
    assert padded.tolist() == as_keras_does(texts, num_words, maxlen)


@pytest.mark.slow
def test_texts_are_padded_as_by_keras() -> None:
    from keras.utils import pad_sequences

    generator = np.random.default_rng(0)
    texts = [generator.integers(1, 500, length).tolist() for length in generator.integers(0, 40, 3000)]
    theirs = pad_sequences([[word if word < 300 else 2 for word in text] for text in texts], maxlen=20)
    assert np.array_equal(flatten_texts(texts).padded(num_words=300, maxlen=20), theirs)


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 5, 3], [0, 4]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(DataError, match="do not match their words"):
        Texts(np.arange(3, dtype=np.int32), np.array(offsets, np.int64))
