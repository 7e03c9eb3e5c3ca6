"""The protocol by which pages and commands read runs, and its queries."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from trainer.config import UNTOLD, Directions
from trainer.tracking.filter import Filters
from trainer.tracking.groups import GroupBy, GroupPage
from trainer.tracking.run import Experiment, LoggedDataset, Run, Series, Status
from trainer.tracking.values import MetricValue

__all__ = ["Column", "Common", "Histories", "Recorded", "RunPage", "RunQuery", "RunReader", "Sort", "pages"]


@dataclass(frozen=True, kw_only=True)
class Sort:
    """The order of runs: by `attribute` (start_time, name, status, duration), `metric`, `param` or `tag`.

    The name of a metric may be a value of it, as `MetricValue` writes it: `val_loss@best`.
    """

    kind: str = "attribute"
    name: str = "start_time"
    descending: bool = True

    @property
    def value(self) -> MetricValue | None:
        """The value of a metric to sort by, if it is one.

        Raises:
            ConfigError: it is not a value that can be read.
        """
        return MetricValue.parse(self.name) if self.kind == "metric" else None


@dataclass(frozen=True, kw_only=True)
class RunQuery:
    """A query: every word of `text` is in the name, a param or a tag, or begins the id; empty tuples mean all.

    `filters` are the clauses of a filter in MLflow's syntax, all of which must hold. Runs nested directly in one of
    `folded` are left out, except by a server, whose syntax cannot express that. `deleted` asks for deleted runs instead
    of the others. `directions` say what the best value of a metric is, where runs are sorted by it.
    """

    text: str = ""
    experiment_ids: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    filters: Filters = ()
    folded: tuple[str, ...] = ()
    deleted: bool = False
    sort: Sort = Sort()
    directions: Directions = UNTOLD
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """One page of runs.

    `total` is the number of all of them, or a number that `more` says is exceeded; `folded` further runs would match
    but for `RunQuery.folded`.
    """

    runs: tuple[Run, ...]
    total: int
    more: bool = False
    folded: int = 0


Histories = Mapping[str, Mapping[str, Series]]
"""Run id → metric → history."""

Column = tuple[str, str]
"""The kind and the name of what runs can be shown by: ("param", "seed")."""


class Common(NamedTuple):
    """The columns with one value in all runs of a query, and how many of the runs, the newest, were read for it."""

    columns: frozenset[Column]
    among: int


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A run's name, and its config if a tag contains it."""

    run_id: str
    name: str
    config_text: str | None


class RunReader(Protocol):
    """Reads runs that are not deleted, except where a query or a method says otherwise.

    Every method raises StoreError if the store cannot be read.
    """

    def version(self) -> Hashable | None:
        """Return the state of the store: equal answers mean that nothing was written in between.

        None where this is unknown: a server does not say.
        """
        ...

    def page(self, query: RunQuery, *, quick: bool = False) -> RunPage:
        """Return the runs of a query, paged, filtered and sorted in the store.

        A server cannot count runs. A `quick` answer takes it fewer requests: the first leaves the total open, and
        experiments that are two seconds old, or matches of words that are ten seconds old, may not be among it yet.
        """
        ...

    def groups(self, query: RunQuery, by: GroupBy) -> GroupPage:
        """Return one page of groups of the matching runs, each with its metrics summarized over all of its runs.

        `query.sort` is a metric (its mean), one of the fields that runs are grouped by, or an attribute: `runs` for the
        number of runs, else the newest run. A server cannot group; there the newest 5,000 matching runs are read, and
        the answer says if there are more.
        """
        ...

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the runs with these ids in that order, deleted ones included; unknown ids are omitted."""
        ...

    def find(self, prefix: str, *, deleted: bool = False) -> tuple[str, ...]:
        """Return at most ten ids that start with `prefix`, of deleted runs too if `deleted`."""
        ...

    def histories(
        self, run_ids: Sequence[str], keys: Sequence[str] | None = None, *, known: Histories | None = None
    ) -> dict[str, dict[str, Series]]:
        """Return run id → metric → history, of the given metrics or of all except `system/…`.

        Of the histories in `known`, which an earlier call returned, a database reads only the points logged since.
        """
        ...

    def datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        """Return run id → the datasets that the run logged, by context, name and digest."""
        ...

    def recorded(self, experiment: str, limit: int, *, also: str | None = None) -> tuple[Recorded, ...]:
        """Return names and configs of an experiment's latest runs, latest first; the run `also` precedes them."""
        ...

    def experiments(self) -> tuple[Experiment, ...]:
        """Return every experiment that is not deleted."""
        ...

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return every (kind, name) to sort or show runs by: ("metric", "val_loss"), ("param", "seed")."""
        ...

    def common(self, query: RunQuery, values: Mapping[Column, str]) -> Common:
        """Return which of these params and tags have the given value in all runs of the query, on any page.

        Only the newest 10,000 runs are read, and from an http server the newest 200.
        """
        ...

    def artifact(self, run: Run, path: str) -> bytes | None:
        """Return an artifact of the run, or None if it does not exist."""
        ...

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """Return the paths of the files and folders in a folder of the run's artifacts."""
        ...


def pages(reader: RunReader, query: RunQuery) -> Iterator[Run]:
    """Yield every run of a query, page by page."""
    offset = query.offset
    while found := reader.page(replace(query, offset=offset)).runs:
        yield from found
        offset += len(found)
