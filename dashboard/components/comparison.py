"""How runs side by side are called, and how many there may be."""

from collections import Counter
from collections.abc import Sequence

from trainer.tracking import Run

__all__ = ["MOST_COMPARED", "labels"]

_SHORTEST_ID = 4

MOST_COMPARED = 50
"""More curves than that cannot be told apart."""


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """Run id → name; the beginning of the id behind it where another run has the same name."""
    names = Counter(run.title for run in runs)
    length = _SHORTEST_ID
    while len({run.run_id[:length] for run in runs}) < len({run.run_id for run in runs}):
        length += 1
    return {run.run_id: run.title if names[run.title] == 1 else f"{run.title} · {run.run_id[:length]}" for run in runs}
