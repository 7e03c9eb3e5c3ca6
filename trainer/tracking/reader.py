"""The protocol by which pages and commands read runs, and what it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from trainer.tracking.run import Experiment, LoggedDataset, Run, Series, Status

__all__ = ["Recorded", "RunPage", "RunQuery", "RunReader", "Sort", "pages"]


@dataclass(frozen=True, kw_only=True)
class Sort:
    """What runs are ordered by: `attribute` (start_time, name, status, duration), `metric`, `param` or `tag`."""

    kind: str = "attribute"
    name: str = "start_time"
    descending: bool = True


@dataclass(frozen=True, kw_only=True)
class RunQuery:
    """Which runs: every word of `text` is in the name, a param or a tag, or begins the id; empty tuples mean all."""

    text: str = ""
    experiment_ids: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort()
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """One page of runs, and how many there are in all."""

    runs: tuple[Run, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A run's name, and its config where a tag holds it."""

    run_id: str
    name: str
    config_text: str | None


class RunReader(Protocol):
    """Reads runs, deleted ones left out. Every method raises StoreError where the store cannot be read."""

    def page(self, query: RunQuery) -> RunPage:
        """The runs of a query; paged, filtered and sorted in the store."""
        ...

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """The runs with these ids, in that order; unknown ids are left out. Deleted ones are found too."""
        ...

    def find(self, prefix: str) -> tuple[str, ...]:
        """Ids that begin with `prefix`, at most ten."""
        ...

    def histories(self, run_ids: Sequence[str], keys: Sequence[str] | None = None) -> dict[str, dict[str, Series]]:
        """Run id → metric → history, of the given metrics or of all but `system/…`."""
        ...

    def datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        """Run id → the datasets that the run logged, by context, name and digest; empty where it logged none."""
        ...

    def recorded(self, experiment: str, limit: int, *, also: str | None = None) -> tuple[Recorded, ...]:
        """Names and configs of an experiment's latest runs, the latest first; `also` is an id that goes before all."""
        ...

    def experiments(self) -> tuple[Experiment, ...]:
        """Every experiment that is not deleted."""
        ...

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Every (kind, name) that a run can be sorted or shown by: ("metric", "val_loss"), ("param", "seed")."""
        ...

    def artifact(self, run: Run, path: str) -> bytes | None:
        """One file of the run's artifacts, or None where there is none."""
        ...

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """The paths of the files and folders in one folder of the run's artifacts."""
        ...


def pages(reader: RunReader, query: RunQuery) -> Iterator[Run]:
    """Every run of a query, page after page."""
    offset = query.offset
    while found := reader.page(replace(query, offset=offset)).runs:
        yield from found
        offset += len(found)
