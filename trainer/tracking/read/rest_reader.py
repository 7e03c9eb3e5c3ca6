"""Read runs from an MLflow server through MLflow's client."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.groups import GroupBy, Grouping, GroupPage
from trainer.tracking.mlflow_settings import load_mlflow
from trainer.tracking.read.artifacts import list_artifacts, read_artifact
from trainer.tracking.read.group_runs import group_here
from trainer.tracking.read.rest_query import arranged, compares_metrics, filters, fits, order
from trainer.tracking.read.search import OTHERS_TAGS, mentions
from trainer.tracking.read.stored import in_order_of_use, series_of, stored_value
from trainer.tracking.reader import Column, Common, Recorded, RunPage, RunQuery, Sort
from trainer.tracking.run import Experiment, LoggedDataset, Run, Series, Status
from trainer.tracking.tags import EXPERIMENT_TAGS, Tag
from trainer.tracking.values import values_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["RestReader", "history_of"]

_AT_ONCE = 100
# MLflow's `ViewType`.
_ACTIVE, _DELETED, _ALL = 1, 2, 3
# Number of newest runs that a text search, or a sort that servers do not support, considers.
_MOST_FOUND = 5_000
# The server's maximum for one request is 50,000; a page should not wait for that.
_READ_AT_ONCE = 1_000


class RestReader:
    """A `RunReader` for an MLflow server; the first request imports MLflow.

    The server filters and sorts, except for what its syntax cannot express (text in any of several fields, params as
    numbers, durations): for that, the newest 5,000 runs that may match are read and sorted here.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def page(self, query: RunQuery) -> RunPage:
        """Return the runs of a query."""
        with mlflow_errors(self._uri):
            experiments = query.experiment_ids or self._searched(query)
            if not experiments:
                return RunPage(runs=(), total=0)
            if query.text.split() or order(query.sort) is None or compares_metrics(query.filters):
                return self._sorted_here(query, experiments)
            asked = {"filter_string": " AND ".join(filters(query)), "run_view_type": _view(query)}
            ordered = [order(query.sort)]
            found, more = self._search(experiments, query.offset, query.limit, order_by=ordered, **asked)
            total = query.offset + len(found)
            if more or (query.offset and not found):
                total = self._count(experiments, total if found else 0, **asked)
            return RunPage(runs=tuple(found), total=total)

    def groups(self, query: RunQuery, by: GroupBy) -> GroupPage:
        """Return one page of groups of the newest 5,000 matching runs."""
        with mlflow_errors(self._uri):
            experiments = query.experiment_ids or self._searched(query)
            runs, complete = self._newest(query, experiments) if experiments else ([], True)
        data = self.datasets([run.run_id for run in runs]) if by.mode is Grouping.CONFIG else {}
        return group_here(runs, query, by, data=data, histories=self.histories, complete=complete)

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the runs with these ids in that order, deleted ones included; unknown ids are omitted."""
        with mlflow_errors(self._uri):
            names = {one.experiment_id: one.name for one in self._experiments(deleted=True)}
            found = {
                one.info.run_id: _run(one, names.get(one.info.experiment_id, "")) for one in self._named(run_ids, names)
            }
        return tuple(found[run_id] for run_id in run_ids if run_id in found)

    def datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        """Return run id → the datasets that the run logged, by context, name and digest."""
        with mlflow_errors(self._uri):
            names = [one.experiment_id for one in self._experiments(deleted=True)]
            found = {one.info.run_id: _datasets(one) for one in self._named(run_ids, names)}
        return {run_id: found.get(run_id, ()) for run_id in run_ids}

    def find(self, prefix: str, *, deleted: bool = False) -> tuple[str, ...]:
        """Return at most ten ids that start with `prefix`, of deleted runs too if `deleted`."""
        if not prefix.isalnum():
            return ()
        with mlflow_errors(self._uri):
            experiments = tuple(one.experiment_id for one in self._experiments(deleted=deleted))
            asked = f"attributes.run_id LIKE '{prefix.lower()}%'"
            runs, _ = self._search(
                experiments, 0, 10, filter_string=asked, order_by=["attributes.run_id"],
                run_view_type=_ALL if deleted else _ACTIVE,
            )  # fmt: skip
            return tuple(run.run_id for run in runs)

    def histories(self, run_ids: Sequence[str], keys: Sequence[str] | None = None) -> dict[str, dict[str, Series]]:
        """Return run id → metric → history, of the given metrics or of all except `system/…`."""
        histories: dict[str, dict[str, Series]] = {run_id: {} for run_id in run_ids}
        runs = self.get(run_ids)
        own = {run.run_id for run in runs if run.by_fitboard}
        logged = dict.fromkeys(key for run in runs for key in run.metrics)
        wanted = [key for key in logged if not key.startswith(SYSTEM)] if keys is None else keys
        with mlflow_errors(self._uri):
            for key in wanted:
                having = [run.run_id for run in runs if key in run.metrics]
                for run_id, points in history_of(self._client, having, key).items():
                    histories[run_id][key] = series_of(points, once_a_step=run_id in own)
        return histories

    def recorded(self, experiment: str, limit: int, *, also: str | None = None) -> tuple[Recorded, ...]:
        """Return names and configs of an experiment's latest runs, latest first; the run `also` precedes them."""
        with mlflow_errors(self._uri):
            folder = self._client.get_experiment_by_name(experiment)
            newest = [order(Sort())]
            found = (
                self._client.search_runs([folder.experiment_id], max_results=limit, order_by=newest) if folder else []
            )
            named = [one for one in found if one.info.run_id == also]
            if also is not None and not named:
                named = [self._client.get_run(also)]
        every = [*named, *(one for one in found if one.info.run_id != also)]
        return tuple(
            Recorded(
                run_id=one.info.run_id, name=one.info.run_name or "", config_text=one.data.tags.get(str(Tag.CONFIG))
            )
            for one in every[:limit]
        )

    def experiments(self) -> tuple[Experiment, ...]:
        """Return every experiment that is not deleted."""
        with mlflow_errors(self._uri):
            return tuple(sorted(self._experiments(), key=lambda one: one.name))

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return every (kind, name) to sort or show runs by, of the newest thousand runs."""
        with mlflow_errors(self._uri):
            experiments = tuple(one.experiment_id for one in self._experiments())
            runs, _ = self._search(experiments, 0, 1_000) if experiments else ([], False)
        found = {("metric", key) for run in runs for key in run.metrics}
        found |= {("param", key) for run in runs for key in run.params}
        found |= {("tag", key) for run in runs for key in run.tags if not key.startswith(OTHERS_TAGS)}
        return tuple(sorted(found))

    def common(self, query: RunQuery, values: Mapping[Column, str]) -> Common:
        """Return which of these params and tags have the given value in the newest 1,000 runs of the query."""
        runs = self.page(replace(query, offset=0, limit=_READ_AT_ONCE, sort=Sort())).runs
        held = [{"param": run.params, "tag": run.tags} for run in runs]
        same = (column for column, value in values.items() if all(_has(each, column, value) for each in held))
        return Common(frozenset(same) if runs else frozenset(), len(runs))

    def artifact(self, run: Run, path: str) -> bytes | None:
        """Return an artifact of the run, or None if it does not exist."""
        return read_artifact(run.artifact_uri, path, tracking_uri=self._uri)

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """Return the paths of the files and folders in a folder of the run's artifacts."""
        return list_artifacts(run.artifact_uri, folder, tracking_uri=self._uri)

    @cached_property
    def _client(self) -> "MlflowClient":
        load_mlflow()
        from mlflow import MlflowClient

        return MlflowClient(self._uri)

    def _experiments(self, *, deleted: bool = False) -> Iterator[Experiment]:
        token = None
        view = _ALL if deleted else _ACTIVE
        while token is None or token:
            found = self._client.search_experiments(view_type=view, max_results=1_000, page_token=token)
            yield from (
                Experiment(experiment_id=one.experiment_id, name=one.name, tags=_annotations(one.tags)) for one in found
            )
            token = found.token or ""

    def _searched(self, query: RunQuery) -> tuple[str, ...]:
        """Return the experiments to search; deleted runs may be in deleted ones."""
        return tuple(one.experiment_id for one in self._experiments(deleted=query.deleted))

    def _named(self, run_ids: Sequence[str], experiments: Iterable[str]) -> Iterator[Any]:
        """Return MLflow's runs with these ids, deleted ones included, in no order."""
        for start in range(0, len(run_ids), _AT_ONCE):
            chunk = [one for one in run_ids[start : start + _AT_ONCE] if one.isalnum()]
            if chunk:
                listed = ", ".join(f"'{one}'" for one in chunk)
                asked = f"attributes.run_id IN ({listed})"
                yield from self._client.search_runs(list(experiments), asked, run_view_type=_ALL, max_results=_AT_ONCE)

    def _search(self, experiments: Sequence[str], offset: int, limit: int, **asked: Any) -> tuple[list[Run], bool]:
        """Return one page of runs, and whether there are more."""
        from mlflow.utils.search_utils import SearchUtils

        # The page token of MLflow 3.17 is an encoded offset, so one request reaches any page.
        token = SearchUtils.create_page_token(offset).decode() if offset else None
        found = self._client.search_runs(list(experiments), max_results=limit, page_token=token, **asked)
        names = {one.experiment_id: one.name for one in self._experiments(deleted=True)} if found else {}
        return [_run(one, names.get(one.info.experiment_id, "")) for one in found], bool(found.token)

    def _count(self, experiments: Sequence[str], least: int, **asked: Any) -> int:
        """Count matching runs by requesting single runs at growing, then narrowing offsets; servers cannot count."""

        def exists(offset: int) -> bool:
            return bool(self._search(experiments, offset, 1, **asked)[0])

        low, high = least, max(2 * least, 64)
        while exists(high):
            low, high = high + 1, 2 * high
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if exists(middle) else (low, middle)
        return low

    def _sorted_here(self, query: RunQuery, experiments: Sequence[str]) -> RunPage:
        found, _ = self._newest(query, experiments)
        asked = {query.sort.name: query.sort.value} if query.sort.value else {}
        ordered = arranged(found, query.sort, values_of(found, asked, query.directions, self.histories))
        return RunPage(runs=tuple(ordered[query.offset :][: query.limit]), total=len(ordered))

    def _newest(self, query: RunQuery, experiments: Sequence[str]) -> tuple[list[Run], bool]:
        """Return the matching runs among the newest that may match, and whether these are all."""
        asked = {"filter_string": " AND ".join(filters(query)), "run_view_type": _view(query)}
        runs: dict[str, Run] = {}
        offset = 0
        more = True
        while more and offset < _MOST_FOUND:
            found, more = self._search(experiments, offset, 1_000, order_by=[order(Sort())], **asked)
            offset += len(found)
            runs |= {run.run_id: run for run in found if mentions(run, query.text) and fits(run, query.filters)}
        return list(runs.values()), not more


def _view(query: RunQuery) -> int:
    return _DELETED if query.deleted else _ACTIVE


def _has(held: Mapping[str, Mapping[str, str]], column: Column, value: str) -> bool:
    kind, name = column
    return held[kind].get(name) == value


def _annotations(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in sorted(tags.items()) if key.startswith(EXPERIMENT_TAGS)}


def _run(found: Any, experiment: str) -> Run:
    info, data = found.info, found.data
    status = Status(info.status)
    return Run(
        run_id=info.run_id,
        name=info.run_name or "",
        experiment_id=info.experiment_id,
        experiment=experiment,
        status=status,
        start_time=info.start_time,
        end_time=info.end_time if status.ended else None,
        artifact_uri=info.artifact_uri or "",
        deleted=info.lifecycle_stage == "deleted",
        metrics={key: stored_value(value) for key, value in data.metrics.items()},
        last_metric_time=max((metric.timestamp for metric in data._metric_objs), default=None),
        params=dict(data.params),
        tags=dict(data.tags),
    )


def _datasets(found: Any) -> tuple[LoggedDataset, ...]:
    logged = found.inputs.dataset_inputs if found.inputs else ()
    return in_order_of_use(
        LoggedDataset(
            each.dataset.name,
            each.dataset.digest,
            next((tag.value for tag in each.tags if tag.key == "mlflow.data.context"), ""),
        )
        for each in logged
    )


_ADDRESS = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"


_RUNS_AT_ONCE = 100


# The server silently truncates its answer there.
_CUT_AT = 25_000


_Points = list[tuple[int, float, int]]


def history_of(client: "MlflowClient", run_ids: Sequence[str], key: str) -> dict[str, _Points]:
    """Return run id → `(step, value, time)`, in order; run by run if the endpoint is missing or truncates."""
    histories: dict[str, _Points] = {}
    for start in range(0, len(run_ids), _RUNS_AT_ONCE):
        chunk = run_ids[start : start + _RUNS_AT_ONCE]
        rows = _bulk(client, chunk, key)
        # A full answer may have lost rows without any sign of it.
        if rows is None or len(rows) >= _CUT_AT:
            histories |= {run_id: _one(client, run_id, key) for run_id in chunk}
            continue
        for row in rows:
            point = (int(row["step"]), stored_value(float(row["value"])), int(row["timestamp"]))
            histories.setdefault(row["run_id"], []).append(point)
    return {run_id: sorted(points, key=lambda point: (point[0], point[2])) for run_id, points in histories.items()}


def _bulk(client: "MlflowClient", run_ids: Sequence[str], key: str) -> list[dict[str, Any]] | None:
    from mlflow.utils.rest_utils import http_request

    credentials = client._tracking_client.store.get_host_creds()
    asked = {"run_id": list(run_ids), "metric_key": key, "max_results": _CUT_AT}
    answer = http_request(credentials, _ADDRESS, "GET", params=asked)
    if answer.status_code != 200:
        return None
    rows: list[dict[str, Any]] = answer.json().get("metrics", [])
    return rows


def _one(client: "MlflowClient", run_id: str, key: str) -> _Points:
    found = client.get_metric_history(run_id, key)
    return [(metric.step, stored_value(metric.value), metric.timestamp) for metric in found]
