"""Read runs from an MLflow server, by few requests."""

import time
from collections.abc import Callable, Mapping, Sequence

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.groups import GroupBy, Grouping, GroupPage
from trainer.tracking.read.artifacts import list_artifacts, read_artifact
from trainer.tracking.read.group_runs import group_here
from trainer.tracking.read.rest_lists import SURVEYED, Listed, Lists, Question
from trainer.tracking.read.rest_query import arranged, compares_metrics, order
from trainer.tracking.read.rest_requests import Requests, View
from trainer.tracking.read.stored import series_of
from trainer.tracking.reader import Column, Common, Histories, Recorded, RunPage, RunQuery, Sort
from trainer.tracking.run import Experiment, LoggedDataset, Run, Series
from trainer.tracking.tags import EXPERIMENT_TAGS, Tag
from trainer.tracking.values import values_of

__all__ = ["RestReader"]

# How old, in seconds, what a page shows may be: its runs; those that words and groups are looked for in; its columns.
_NOW, _SOON, _LATER = 2.0, 10.0, 30.0


class RestReader:
    """A `RunReader` for an MLflow server; the first request imports MLflow.

    The server filters and sorts, except for what its syntax cannot express (text in any of several fields, params as
    numbers, durations): for that, the newest 5,000 runs that may match are read and sorted here.

    Args:
        uri: the server's address.
        clock: returns seconds, by which answers that a page asks for again are kept.
    """

    def __init__(self, uri: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._uri = uri
        self._server = Requests(uri)
        self._lists = Lists(self._server, clock)

    def version(self) -> None:
        """Return None: a server does not say whether anything was written."""

    def page(self, query: RunQuery, *, quick: bool = False) -> RunPage:
        """Return the runs of a query."""
        with mlflow_errors(self._uri):
            asked = self._lists.question(query, within=_NOW if quick else 0)
            if not asked.experiments:
                return RunPage(runs=(), total=0)
            if query.text.split() or order(query.sort) is None or compares_metrics(query.filters):
                return self._sorted_here(query, asked, quick=quick)
            found = self._listed(query, asked, quick=quick)
            least = query.offset + len(found.runs)
            if not found.more and (found.runs or not query.offset):
                self._lists.count(asked, least)
                return RunPage(runs=found.runs, total=least)
            # A page beyond the end has to link to the last one.
            is_beyond = not found.runs
            tally = self._lists.tally(
                asked, least=0 if is_beyond else least, patience=_NOW if quick and not is_beyond else 0
            )
            return RunPage(runs=found.runs, total=tally.total, more=not tally.exact)

    def groups(self, query: RunQuery, by: GroupBy) -> GroupPage:
        """Return one page of groups of the newest 5,000 matching runs, as they were at most ten seconds ago."""
        with mlflow_errors(self._uri):
            asked = self._lists.question(query, within=_NOW)
            found = self._lists.searched(query, asked, within=_SOON) if asked.experiments else Listed((), False)
            by_data = by.mode is Grouping.CONFIG
            data = self._datasets([run.run_id for run in found.runs]) if by_data else {}
        return group_here(found.runs, query, by, data=data, histories=self._histories, complete=not found.more)

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the runs with these ids in that order, deleted ones included; unknown ids are omitted."""
        with mlflow_errors(self._uri):
            found = self._lists.named(run_ids, within=_NOW if run_ids else 0)
        return tuple(found[run_id] for run_id in run_ids if run_id in found)

    def datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        """Return run id → the datasets that the run logged, by context, name and digest."""
        with mlflow_errors(self._uri):
            return self._datasets(run_ids)

    def _datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        known = self._lists.known(run_ids, within=_SOON)
        return {run_id: known[run_id][1] if run_id in known else () for run_id in run_ids}

    def find(self, prefix: str, *, deleted: bool = False) -> tuple[str, ...]:
        """Return at most ten ids that start with `prefix`, of deleted runs too if `deleted`."""
        if not prefix.isalnum():
            return ()
        with mlflow_errors(self._uri):
            every = self._lists.question(RunQuery(deleted=deleted), within=0)
            view = View.ALL if deleted else View.ACTIVE
            asked = every._replace(filter=f"attributes.run_id LIKE '{prefix.lower()}%'", view=view)
            return tuple(run.run_id for run in self._lists.read(asked, "attributes.run_id", limit=10).runs)

    def histories(
        self, run_ids: Sequence[str], keys: Sequence[str] | None = None, *, known: Histories | None = None
    ) -> dict[str, dict[str, Series]]:
        """Return run id → metric → history, of the given metrics or of all except `system/…`.

        All points are read, since a server has no count of them that would show whether `known` lacks earlier steps.
        """
        # A page has just read which metrics its runs have.
        return self._histories(run_ids, keys, within=_NOW)

    def _histories(
        self, run_ids: Sequence[str], keys: Sequence[str] | None = None, *, within: float = _SOON
    ) -> dict[str, dict[str, Series]]:
        histories: dict[str, dict[str, Series]] = {run_id: {} for run_id in run_ids}
        with mlflow_errors(self._uri):
            known = self._lists.known(run_ids, within=within)
            logged = dict.fromkeys(key for run, _ in known.values() for key in run.metrics)
            wanted = [key for key in logged if not key.startswith(SYSTEM)] if keys is None else keys
            for key in wanted:
                having = [run_id for run_id, (run, _) in known.items() if key in run.metrics]
                for run_id, points in self._server.histories(having, key).items():
                    histories[run_id][key] = series_of(points, once_a_step=known[run_id][0].by_fitboard)
        return histories

    def recorded(self, experiment: str, limit: int, *, also: str | None = None) -> tuple[Recorded, ...]:
        """Return names and configs of an experiment's latest runs, latest first; the run `also` precedes them."""
        with mlflow_errors(self._uri):
            folders = [one.experiment_id for one in self._lists.folders(within=0) if one.name == experiment]
            found = self._lists.read(Question(tuple(folders)), limit=limit).runs if folders else ()
            named = [run for run in found if run.run_id == also]
            if also is not None and not named:
                named = list(self._lists.named([also], within=_NOW).values())
        every = [*named, *(run for run in found if run.run_id != also)]
        return tuple(
            Recorded(run_id=run.run_id, name=run.name, config_text=run.tags.get(str(Tag.CONFIG)))
            for run in every[:limit]
        )

    def experiments(self) -> tuple[Experiment, ...]:
        """Return every experiment that is not deleted."""
        with mlflow_errors(self._uri):
            active = [one for one in self._lists.folders(within=0) if not one.deleted]
        in_order = sorted(active, key=lambda one: one.name)
        return tuple(
            Experiment(experiment_id=one.experiment_id, name=one.name, tags=_annotations(one.tags)) for one in in_order
        )

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return every (kind, name) to sort or show runs by, of the newest 200 runs and all others that were read."""
        with mlflow_errors(self._uri):
            asked = self._lists.question(RunQuery(), within=_NOW)
            if asked.experiments:
                self._lists.surveyed(asked, within=_LATER)
        return tuple(sorted(self._lists.columns))

    def common(self, query: RunQuery, values: Mapping[Column, str]) -> Common:
        """Return which of these params and tags have the given value in the newest 200 runs of the query."""
        with mlflow_errors(self._uri):
            asked = self._lists.question(query, within=_NOW)
            if not asked.experiments:
                return Common(frozenset(), 0)
            if query.text.split() or compares_metrics(query.filters):
                runs = self._lists.searched(query, asked, within=_LATER).runs
            else:
                runs = self._lists.surveyed(asked, within=_LATER).runs
        held = [{"param": run.params, "tag": run.tags} for run in runs]
        same = (column for column, value in values.items() if all(_has(each, column, value) for each in held))
        return Common(frozenset(same) if runs else frozenset(), len(runs))

    def artifact(self, run: Run, path: str) -> bytes | None:
        """Return an artifact of the run, or None if it does not exist."""
        return read_artifact(run.artifact_uri, path, tracking_uri=self._uri)

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """Return the paths of the files and folders in a folder of the run's artifacts."""
        return list_artifacts(run.artifact_uri, folder, tracking_uri=self._uri)

    def _listed(self, query: RunQuery, asked: Question, *, quick: bool) -> Listed:
        """Return a page that the server sorts; the first quick one is read with what else a page of runs asks for."""
        end = query.offset + query.limit
        survey = self._lists.survey(asked, within=_NOW) if quick else None
        if quick and survey is None and query.sort == Sort() and end <= SURVEYED and self._lists.is_new(asked):
            survey = self._lists.surveyed(asked, within=_NOW)
        if survey is not None and (not survey.more or (query.sort == Sort() and end <= len(survey.runs))):
            runs = self._arranged(survey.runs, query)
            return Listed(runs[query.offset : end], survey.more or end < len(runs))
        return self._lists.read(asked, order(query.sort), offset=query.offset, limit=query.limit)

    def _sorted_here(self, query: RunQuery, asked: Question, *, quick: bool) -> RunPage:
        found = self._lists.searched(query, asked, within=_SOON if quick else 0)
        ordered = self._arranged(found.runs, query)
        shown = ordered[query.offset :][: query.limit]
        if not found.fresh:
            now = self._lists.named([run.run_id for run in shown], within=_NOW)
            shown = tuple(now[run.run_id] for run in shown if run.run_id in now)
            shown = tuple(run for run in shown if run.deleted == query.deleted)
        return RunPage(runs=shown, total=len(ordered))

    def _arranged(self, runs: Sequence[Run], query: RunQuery) -> tuple[Run, ...]:
        asked = {query.sort.name: query.sort.value} if query.sort.value else {}
        values = values_of(runs, asked, query.directions, self._histories)
        return tuple(arranged(runs, query.sort, values))


def _annotations(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in sorted(tags.items()) if key.startswith(EXPERIMENT_TAGS)}


def _has(held: Mapping[str, Mapping[str, str]], column: Column, value: str) -> bool:
    kind, name = column
    return held[kind].get(name) == value
