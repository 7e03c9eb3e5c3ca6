"""The names of the selected runs in one line."""

from collections import Counter
from collections.abc import Sequence

from dashboard.components.markdown import plain
from trainer.format import count
from trainer.tracking import Run

__all__ = ["names_of"]

_MOST_NAMED = 3


def names_of(runs: Sequence[Run]) -> str:
    """Return the names of the first three runs, with their ids where two are the same, and the number of the others."""
    shared = {title for title, times in Counter(run.short_title for run in runs).items() if times > 1}
    titles = (
        run.short_title + (f" ({run.short_id})" if run.short_title in shared else "") for run in runs[:_MOST_NAMED]
    )
    first = ", ".join(plain(title) for title in titles)
    return first if len(runs) <= _MOST_NAMED else f"{first} and {count(len(runs) - _MOST_NAMED)} more"
