"""Several ended runs as a key of a cache."""

import json
from collections.abc import Sequence

from trainer.tracking import Run

__all__ = ["ended_key", "ids_of"]


def ended_key(runs: Sequence[Run]) -> str:
    """Return the ids and end times of those of these runs that have ended.

    As one text, since Streamlit (1.67) hashes the items of a tuple one by one, which takes 20 ms for 500 runs.
    """
    return json.dumps([[run.run_id, run.end_time] for run in runs if run.status.ended])


def ids_of(ended: str) -> list[str]:
    """Return the ids of the runs in a key."""
    return [run_id for run_id, _ in json.loads(ended)]
