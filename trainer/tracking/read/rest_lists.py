"""Lists of runs of an MLflow server, kept for some seconds so that a page asks for each only once."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trainer.tracking.read.recent import Recent
from trainer.tracking.read.rest_count import Tally, count_from
from trainer.tracking.read.rest_query import filters, fits, order
from trainer.tracking.read.rest_requests import Folder, Found, Requests, View
from trainer.tracking.read.rest_runs import datasets_of, run_of
from trainer.tracking.read.search import OTHERS_TAGS, mentions
from trainer.tracking.reader import Column, RunQuery, Sort
from trainer.tracking.run import LoggedDataset, Run

__all__ = ["SURVEYED", "Listed", "Lists", "Question"]

SURVEYED = 200
"""Number of newest runs that are read to know columns, and what runs have in common; a server takes about 0.4 s."""

_NAMED_AT_ONCE = 100
# Number of newest runs that a text search, or a sort that servers do not support, considers.
_MOST_FOUND = 5_000
# The server's maximum for one request is 50,000; it takes about 2 s for a thousand.
_READ_AT_ONCE = 1_000
_MOST_SEEN, _MOST_LISTS, _MOST_SEARCHES = 5_000, 50, 2
_NEWEST = order(Sort())


class Question(NamedTuple):
    """What a server is asked for: the ids of experiments, a filter in MLflow's syntax, and which of the runs."""

    experiments: tuple[str, ...]
    filter: str = ""
    view: View = View.ACTIVE


class Listed(NamedTuple):
    """Runs, whether more follow them, and whether they were read just now."""

    runs: tuple[Run, ...]
    more: bool
    fresh: bool = True


class Lists:
    """What is asked of a server. `within` is the greatest age in seconds of an answer that is used again.

    Args:
        server: answers.
        clock: returns seconds; only differences count.
    """

    def __init__(self, server: Requests, clock: Callable[[], float]) -> None:
        self._server = server
        self._folders: Recent[tuple[Folder, ...]] = Recent(1, clock)
        self._seen: Recent[tuple[Run, tuple[LoggedDataset, ...]]] = Recent(_MOST_SEEN, clock)
        self._surveys: Recent[Listed] = Recent(_MOST_LISTS, clock)
        self._searches: Recent[Listed] = Recent(_MOST_SEARCHES, clock)
        self._tallies: Recent[Tally] = Recent(_MOST_LISTS, clock)
        self.columns: frozenset[Column] = frozenset()
        """Every column of the runs that were read."""

    def folders(self, *, within: float) -> tuple[Folder, ...]:
        """Return every experiment, deleted ones included."""
        known = self._folders.get("", within=within) if within else None
        return known if known is not None else self._folders.put("", self._server.experiments())

    def question(self, query: RunQuery, *, within: float) -> Question:
        """Return the part of a query that a server can answer; without experiments there is nothing to ask."""
        # Deleted runs may be in deleted experiments.
        experiments = query.experiment_ids or tuple(
            one.experiment_id for one in self.folders(within=within) if query.deleted or not one.deleted
        )
        return Question(experiments, " AND ".join(filters(query)), View.DELETED if query.deleted else View.ACTIVE)

    def read(self, asked: Question, ordered: str | None = _NEWEST, *, offset: int = 0, limit: int) -> Listed:
        """Ask for runs."""
        found = self._ask(asked, ordered, offset, limit)
        names = self._names([str(one["info"]["experiment_id"]) for one in found.runs])
        runs = tuple(run_of(one, names) for one in found.runs)
        for run, one in zip(runs, found.runs, strict=True):
            self._seen.put(run.run_id, (run, datasets_of(one)))
        self.columns |= _columns(runs)
        return Listed(runs, found.more)

    def _ask(self, asked: Question, ordered: str | None, offset: int, limit: int) -> Found:
        return self._server.search(
            asked.experiments, where=asked.filter, order=ordered, offset=offset, limit=limit, view=asked.view
        )

    def _names(self, experiments: Sequence[str]) -> Mapping[str, str]:
        names = {one.experiment_id: one.name for one in self.folders(within=math.inf)}
        if names.keys() >= set(experiments):
            return names
        return {one.experiment_id: one.name for one in self.folders(within=0)}

    def named(self, run_ids: Sequence[str], *, within: float) -> dict[str, Run]:
        """Return id → run, deleted runs included; experiments are asked for again if a run is in none that is known."""
        found = self._named(run_ids, within=within)
        if within and len(found) < len(set(run_ids)):
            found |= self._named([run_id for run_id in run_ids if run_id not in found], within=0)
        return found

    def _named(self, run_ids: Sequence[str], *, within: float) -> dict[str, Run]:
        experiments = tuple(one.experiment_id for one in self.folders(within=within))
        found: dict[str, Run] = {}
        for start in range(0, len(run_ids), _NAMED_AT_ONCE):
            chunk = [one for one in run_ids[start : start + _NAMED_AT_ONCE] if one.isalnum()]
            if chunk:
                listed = ", ".join(f"'{one}'" for one in chunk)
                asked = Question(experiments, f"attributes.run_id IN ({listed})", View.ALL)
                found |= {run.run_id: run for run in self.read(asked, limit=_NAMED_AT_ONCE).runs}
        return found

    def known(self, run_ids: Sequence[str], *, within: float) -> dict[str, tuple[Run, tuple[LoggedDataset, ...]]]:
        """Return id → run and its datasets, of which the latter never change once the run has ended."""
        kept = {run_id: seen for run_id in run_ids if (seen := self._seen.get(run_id, within=within)) is not None}
        missing = [run_id for run_id in run_ids if run_id not in kept]
        # Reading a run keeps it with its datasets.
        read = self.named(missing, within=within) if missing else {}
        return kept | {run_id: seen for run_id in read if (seen := self._seen.get(run_id, within=math.inf)) is not None}

    def surveyed(self, asked: Question, *, within: float) -> Listed:
        """Return the newest 200 runs."""
        known = self._surveys.get(asked, within=within)
        return known or self._surveys.put(asked, self.read(asked, limit=SURVEYED))

    def survey(self, asked: Question, *, within: float) -> Listed | None:
        """Return the newest 200 runs if they have been asked for."""
        return self._surveys.get(asked, within=within)

    def is_new(self, asked: Question) -> bool:
        """Return whether nobody has asked this before."""
        return self._tallies.get(asked, within=math.inf) is None and self.survey(asked, within=math.inf) is None

    def searched(self, query: RunQuery, asked: Question, *, within: float) -> Listed:
        """Return the runs that match words too, among the newest 5,000 that may match."""
        key = (asked, query.text, query.filters)
        known = self._searches.get(key, within=within) if within else None
        if known is not None:
            return known._replace(fresh=False)
        runs: dict[str, Run] = {}
        offset, more = 0, True
        while more and offset < _MOST_FOUND:
            found, more, _ = self.read(asked, offset=offset, limit=_READ_AT_ONCE)
            offset += len(found)
            runs |= {run.run_id: run for run in found if mentions(run, query.text) and fits(run, query.filters)}
        return self._searches.put(key, Listed(tuple(runs.values()), more))

    def tally(self, asked: Question, *, least: int, patience: float) -> Tally:
        """Return the number of runs, or for so many seconds after a question was new the number known to be there."""
        known = self._tallies.get(asked, within=math.inf)
        if patience and known is None:
            survey = self.survey(asked, within=math.inf)
            known = Tally(max(least, len(survey.runs)), not survey.more) if survey else Tally(least, False)
            return self._tallies.put(asked, known)
        if known is not None and not known.exact and self._tallies.get(asked, within=patience):
            return known
        guess = known.total if known is not None and known.exact else 0
        # An inexact number was there at the last answer.
        least = max(least, known.total) if known is not None and not known.exact else least

        def read(offset: int, limit: int) -> int:
            return len(self._ask(asked, None, offset, limit).runs)

        total = count_from(read, least=least, guess=guess)
        return self._tallies.put(asked, Tally(total, True))

    def count(self, asked: Question, total: int) -> None:
        """Keep the number of runs, which the end of a list tells."""
        self._tallies.put(asked, Tally(total, True))


def _columns(runs: Sequence[Run]) -> frozenset[Column]:
    found = {("metric", key) for run in runs for key in run.metrics}
    found |= {("param", key) for run in runs for key in run.params}
    return frozenset(found | {("tag", key) for run in runs for key in run.tags if not key.startswith(OTHERS_TAGS)})
