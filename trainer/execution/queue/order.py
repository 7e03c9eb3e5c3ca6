"""Change the order of a queue: each run has its own number, so that two people can move runs at the same time."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.execution.control.ownership import refuse_foreign
from trainer.execution.queue.enqueue import wake_worker
from trainer.home import Home
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Move", "move", "new_places"]

# Distance between two places in milliseconds, since places start as times.
_STEP = 1_000.0


class Move(StrEnum):
    """Where to move a queued run."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"


def new_places(queued: Sequence[Run], run_id: str, where: Move) -> dict[str, float]:
    """Return run id → place for the queued runs, given in order, that need a new place; usually only the moved one.

    The result is empty if the run is already there, or is not queued.
    """
    ids = [run.run_id for run in queued]
    if run_id not in ids:
        return {}
    old = ids.index(run_id)
    new = {Move.FIRST: 0, Move.UP: max(0, old - 1), Move.DOWN: min(len(ids) - 1, old + 1)}[where]
    if new == old:
        return {}
    places = {run.run_id: run.place for run in queued}
    ids.insert(new, ids.pop(old))
    others = [places[each] for each in ids if each != run_id]
    moved = places | {run_id: _between(others, new)}
    # Halving a distance ends at equal floats after some fifty moves, and runs may have been queued at the same time.
    if any(moved[before] >= moved[after] for before, after in pairwise(ids)):
        first = min(places.values())
        moved = {each: first + _STEP * index for index, each in enumerate(ids)}
    return {each: place for each, place in moved.items() if place != places[each]}


def _between(places: Sequence[float], index: int) -> float:
    """Return a place between the one at `index` and the one before it."""
    if index == 0:
        return places[0] - _STEP
    if index == len(places):
        return places[-1] + _STEP
    return (places[index - 1] + places[index]) / 2


def move(store: "Store", run_id: str, where: Move, *, home: Home) -> None:
    """Move a queued run within its queue, of this home or another; do nothing if it is already there.

    Raises:
        ConfigError: another program made the run, or it is not queued, for example because it has started meanwhile.
    """
    run = store.get(run_id)
    refuse_foreign(run)
    if run.status is not Status.SCHEDULED:
        state = "has already started" if run.status is Status.RUNNING else f"has ended ({run.status})"
        raise ConfigError(f"Run {run.short_title} {state}; only queued runs can be moved.")
    for each, place in new_places(store.queued(run.tags.get(Tag.QUEUE, "")), run_id, where).items():
        store.set_tags(each, {Tag.PLACE: repr(place)})
    wake_worker(home)
