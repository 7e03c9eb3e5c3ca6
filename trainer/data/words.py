"""The words of Keras's texts by token, to show texts; nothing else needs them."""

import json
from collections.abc import Mapping
from pathlib import Path

from trainer.data.files import write_whole
from trainer.home import Home

__all__ = ["kept_words", "store_words", "words_by_token"]

# Tokens are indices of the word index plus 3: 0 is padding, 1 the start of a text, 2 a word beyond `num_words`.
_FIRST = 3
_SPECIAL = {0: "", 1: "", 2: "[OOV]"}
_LARGEST_BYTES = 32 * 2**20


def kept_words(name: str, home: Home) -> Path:
    """Return the file with the words of a downloaded dataset of texts; it need not exist."""
    return home.data / "keras" / f"{name}_words.json"


def store_words(name: str, index: Mapping[str, int], *, home: Home) -> Path:
    """Store a word index as Keras's `get_word_index` returns it (word → index from 1), and return its file.

    Raises:
        ResourceError: If home cannot be written.
    """
    content = json.dumps({str(word): int(place) for word, place in index.items()}, ensure_ascii=False).encode()
    return write_whole(kept_words(name, home), lambda stream: stream.write(content))


def words_by_token(name: str, *, home: Home) -> dict[int, str]:
    """Return token → word of a dataset of texts; empty if its words were not downloaded or cannot be read."""
    path = kept_words(name, home)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return {}
        index = json.loads(path.read_bytes())
        return _SPECIAL | {int(place) + _FIRST: str(word) for word, place in index.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
