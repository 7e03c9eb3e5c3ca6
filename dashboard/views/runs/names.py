"""The names of the selected runs in one line."""

from collections.abc import Sequence

from dashboard import loaders
from dashboard.components.comparison import labels
from dashboard.components.markdown import plain
from trainer.format import count
from trainer.tracking import Run

__all__ = ["names_of"]

_MOST_NAMED = 3


def names_of(runs: Sequence[Run]) -> str:
    """Return the labels of the first three runs and the number of the others, in Markdown."""
    named = labels(runs, loaders.config)
    first = ", ".join(plain(named[run.run_id]) for run in runs[:_MOST_NAMED])
    return first if len(runs) <= _MOST_NAMED else f"{first} and {count(len(runs) - _MOST_NAMED)} more"
