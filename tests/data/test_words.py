"""The words of Keras's texts by token."""

from pathlib import Path

import pytest

from trainer.data import kept_words, store_words, words_by_token
from trainer.home import Home


def test_tokens_are_indices_plus_three(tmp_path: Path) -> None:
    home = Home(tmp_path).make()
    assert words_by_token("imdb", home=home) == {}
    store_words("imdb", {"the": 1, "film's": 2, "été": 3}, home=home)
    found = words_by_token("imdb", home=home)
    assert [found.get(token) for token in range(8)] == ["", "", "[OOV]", None, "the", "film's", "été", None]
    assert words_by_token("reuters", home=home) == {}


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"a": "b"}', b'{"a": null}', b"\xff\xfe", b"3"])
def test_file_that_is_no_word_index_has_no_words(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path).make()
    store_words("imdb", {}, home=home)
    kept_words("imdb", home).write_bytes(content)
    assert words_by_token("imdb", home=home) == {}
