"""Copy missing points from a run's journal to the store, and vice versa."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.config.metrics.names import SYSTEM, TEST
from trainer.tracking.reader import RunReader
from trainer.tracking.record.journal import Journal, clear_backlog, read_journal
from trainer.tracking.run import Point

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["deliver", "first_points", "seed_journal", "undelivered"]


def first_points(points: Iterable[Point]) -> dict[tuple[str, int], Point]:
    """Index the points by metric and step; the first of a step counts."""
    found: dict[tuple[str, int], Point] = {}
    for point in points:
        found.setdefault((point.key, point.step), point)
    return found


def undelivered(reader: RunReader, run_id: str, folder: Path) -> list[Point]:
    """Return the points of the journal whose metric and step are missing in the store.

    Measurements of the machine are left out: a gap in them is no loss.
    """
    points = [point for point in read_journal(folder) if not point.key.startswith(SYSTEM)]
    if not points:
        return []
    stored = reader.histories([run_id]).get(run_id, {})
    known = {(key, step) for key, series in stored.items() for step in series.steps}
    return [point for place, point in first_points(points).items() if place not in known]


def deliver(store: "Store", run_id: str, folder: Path) -> int:
    """Write the undelivered points with their original times, and return their number."""
    missing = undelivered(store.reader, run_id, folder)
    if missing:
        store.log_metrics(run_id, missing)
    clear_backlog(folder)
    return len(missing)


def seed_journal(reader: RunReader, run_id: str, folder: Path, *, until: int | None = None) -> None:
    """Add a stored run's points up to a step to the journal in `folder`, with their original times.

    Whoever trains on from there sends and repeats none of them. Tests of the network are left out: they belong to
    the run that they ended.
    """
    have = first_points(read_journal(folder))
    histories = reader.histories([run_id]).get(run_id, {})
    points = [
        Point(key, value, time_ms, step)
        for key, series in histories.items()
        for step, value, time_ms in zip(series.steps, series.values, series.times, strict=True)
        if not key.startswith((SYSTEM, TEST)) and (until is None or step <= until)
    ]
    with Journal(folder) as journal:
        journal.append([point for point in points if (point.key, point.step) not in have])
