"""The ancestors of a run: the runs that it repeats, varies, continues or is fine-tuned from, and theirs."""

from trainer.tracking.reader import RunReader
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["MOST_ANCESTORS", "ancestry", "parent_of"]

MOST_ANCESTORS = 12
"""Maximum number of generations."""
_PARENTS = (Tag.RESUMED_FROM, Tag.RERUN_OF, Tag.WEIGHTS_OF)


def parent_of(run: Run) -> str | None:
    """Return the id of the run that this one is based on, or None."""
    return next((run.tags[tag] for tag in _PARENTS if run.tags.get(tag)), None)


def ancestry(reader: RunReader, run: Run) -> tuple[Run, ...]:
    """Return the chain of runs that led to this one, oldest first, as far as the store has them.

    Raises:
        StoreError: the store cannot be read.
    """
    chain = [run]
    while len(chain) <= MOST_ANCESTORS:
        parent = parent_of(chain[-1])
        if parent is None or parent in {known.run_id for known in chain}:
            break
        found = reader.get([parent])
        if not found:
            break
        chain += found
    return tuple(reversed(chain))
