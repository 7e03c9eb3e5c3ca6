"""The runs of one queue as they are read: those that wait, in the order in which they are taken, and those at work."""

from trainer.tracking.types import Run, RunQuery, RunReader, Sort, Status, Tag

__all__ = ["in_order", "queued_runs", "running_runs"]

_AT_ONCE = 200


def queued_runs(reader: RunReader, queue: str) -> tuple[Run, ...]:
    """The first 200 runs that wait in a queue, the next one first."""
    by_place = Sort(kind="tag", name=str(Tag.PLACE), descending=False)
    return in_order(reader.page(_query(queue, Status.SCHEDULED, by_place)).runs)


def running_runs(reader: RunReader, queue: str) -> tuple[Run, ...]:
    """The runs of a queue that are running, oldest first."""
    return reader.page(_query(queue, Status.RUNNING, Sort(descending=False))).runs


def in_order(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """By their places; ties go by the time of queueing."""
    return tuple(sorted(runs, key=lambda run: (run.place, run.start_time or 0, run.run_id)))


def _query(queue: str, status: Status, sort: Sort) -> RunQuery:
    return RunQuery(statuses=(status,), tags=((str(Tag.QUEUE), queue),), sort=sort, limit=_AT_ONCE)
