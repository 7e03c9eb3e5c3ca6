"""Search runs by text: each word may be anywhere in the name, params, tags or author, or begin the id."""

import unicodedata

from trainer.tracking.note import is_own_note
from trainer.tracking.run import Run
from trainer.tracking.user import USER_TAG

__all__ = ["OTHERS_TAGS", "VALUE_TAGS", "fold", "mentions", "search_words"]

OTHERS_TAGS = ("mlflow.", "fitboard.")
"""Prefixes of tags that programs write for other programs."""

VALUE_TAGS = (USER_TAG, "mlflow.note.content")
"""Tags among those whose values people read: the values are searched, the names are not."""


def fold(text: str) -> str:
    """Normalize the case and composed characters of a text: `fold("ÜNÏ") == fold("ünï")`."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def search_words(text: str) -> list[str]:
    """Return the normalized words of a search; a run must mention each."""
    return fold(text).split()


def mentions(run: Run, text: str) -> bool:
    """Return whether a run mentions every word; params and tags are searched as `name=value`."""
    tags = [f"{key}={value}" for key, value in run.tags.items() if not key.startswith(OTHERS_TAGS)]
    # Fitboard's own description of a run repeats its params, and words such as "epochs" that no run lacks.
    values = [run.tags[key] for key in VALUE_TAGS if key in run.tags and not is_own_note(run.tags[key])]
    params = [f"{key}={value}" for key, value in run.params.items()]
    searched = [fold(each) for each in (run.name, *params, *tags, *values)]
    return all(run.run_id.startswith(word) or any(word in each for each in searched) for word in search_words(text))
