"""Find the run that a person names, and the runs of a queue."""

from trainer.errors import RunNotFoundError
from trainer.format import is_utf8
from trainer.tracking.reader import RunQuery, RunReader, Sort
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

__all__ = ["find_run", "in_order", "queued_runs", "running_runs"]

_SHORTEST = 4


def find_run(reader: RunReader, word: str, *, deleted: bool = False) -> Run:
    """Return the run that `word` names; a prefix may be that of a deleted run if `deleted`, a whole id always.

    Raises:
        RunNotFoundError: none or several go by it, or it is too short to tell.
    """
    word = word.strip()
    if word == "latest":
        newest = reader.page(RunQuery(limit=1)).runs
        if not newest:
            raise RunNotFoundError("The store has no runs yet; train one first.")
        return newest[0]
    if not is_utf8(word):
        raise RunNotFoundError(f"{word!r} is not a run id; `fitboard runs` lists them.")
    if exact := reader.get([word]):
        return exact[0]
    if len(word) < _SHORTEST:
        raise RunNotFoundError(
            f"{word!r} is too short for a run id; give at least {_SHORTEST} characters of it, or `latest`."
        )
    found = reader.find(word, deleted=deleted)
    if not found:
        raise RunNotFoundError(f"Run {word!r} not found; `fitboard runs` lists all runs.")
    if len(found) > 1:
        raise RunNotFoundError(
            f"Several run ids start with {word!r} ({', '.join(found[:3])}{', …' if len(found) > 3 else ''}); "
            "give more characters."
        )
    return reader.get(found)[0]


_AT_ONCE = 200


def queued_runs(reader: RunReader, queue: str) -> tuple[Run, ...]:
    """Return the first 200 queued runs of a queue, in order."""
    return in_order(_own(reader, queue, Status.SCHEDULED, Sort(kind="tag", name=str(Tag.PLACE), descending=False)))


def running_runs(reader: RunReader, queue: str) -> tuple[Run, ...]:
    """Return the running runs of a queue, oldest first."""
    return _own(reader, queue, Status.RUNNING, Sort(descending=False))


def in_order(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Sort by position, then by the time of queueing."""
    return tuple(sorted(runs, key=lambda run: (run.place, run.start_time or 0, run.run_id)))


def _own(reader: RunReader, queue: str, status: Status, sort: Sort) -> tuple[Run, ...]:
    """Keep the runs created by Fitboard; the queue tag on any other run is a mistake, and it is not touched."""
    asked = RunQuery(statuses=(status,), tags=((str(Tag.QUEUE), queue),), sort=sort, limit=_AT_ONCE)
    return tuple(run for run in reader.page(asked).runs if run.by_fitboard)
