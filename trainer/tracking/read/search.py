"""What a search looks at: each word may be anywhere in a run's name, params, tags or author, or begin its id."""

import unicodedata

from trainer.tracking.note import is_own_note
from trainer.tracking.run import Run

__all__ = ["OTHERS_TAGS", "VALUE_TAGS", "fold", "mentions", "search_words"]

OTHERS_TAGS = ("mlflow.", "fitboard.")
"""Tags that begin so were written by programs for programs."""

VALUE_TAGS = ("mlflow.user", "mlflow.note.content")
"""Of those, what people read all the same: its value is searched, its name is not."""


def fold(text: str) -> str:
    """Return the text without the differences of case and of composed letters: `fold("ÜNÏ") == fold("ünï")`."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def search_words(text: str) -> list[str]:
    """Return the words of a search, folded; a run has to mention each."""
    return fold(text).split()


def mentions(run: Run, text: str) -> bool:
    """Return whether a run mentions every word; params and tags are searched as `name=value`."""
    tags = [f"{key}={value}" for key, value in run.tags.items() if not key.startswith(OTHERS_TAGS)]
    # Fitboard's own description of a run repeats its params, and words such as "epochs" that no run lacks.
    values = [run.tags[key] for key in VALUE_TAGS if key in run.tags and not is_own_note(run.tags[key])]
    params = [f"{key}={value}" for key, value in run.params.items()]
    searched = [fold(each) for each in (run.name, *params, *tags, *values)]
    return all(run.run_id.startswith(word) or any(word in each for each in searched) for word in search_words(text))
