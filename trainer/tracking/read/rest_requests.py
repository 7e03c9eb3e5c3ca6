"""Requests to an MLflow server, with its JSON as the answer.

MLflow's client turns each param and metric into an object of its own, which takes longer than the request.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from trainer.tracking.mlflow_settings import load_mlflow
from trainer.tracking.read.stored import stored_value

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["Folder", "Found", "Points", "Requests", "View"]

_API = "/api/2.0/mlflow/"
_BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
# The server silently truncates its answer there.
_CUT_AT = 25_000
_RUNS_AT_ONCE = 100
_FOLDERS_AT_ONCE = 1_000

Points = list[tuple[int, float, int]]
"""`(step, value, time)` in the order of steps and times."""


class View(StrEnum):
    """Which runs a server looks for."""

    ACTIVE = "ACTIVE_ONLY"
    DELETED = "DELETED_ONLY"
    ALL = "ALL"


class Folder(NamedTuple):
    """An experiment, deleted or not."""

    experiment_id: str
    name: str
    deleted: bool
    tags: Mapping[str, str]


class Found(NamedTuple):
    """Runs as the server describes them, and whether there are more."""

    runs: Sequence[Mapping[str, Any]]
    more: bool


class Requests:
    """What is asked of an MLflow server; the first request imports MLflow, whose settings for logins hold here too."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def experiments(self) -> tuple[Folder, ...]:
        """Return every experiment."""
        asked: dict[str, Any] = {"view_type": str(View.ALL), "max_results": _FOLDERS_AT_ONCE}
        answer = self._post("experiments/search", asked)
        found: list[Mapping[str, Any]] = [*answer.get("experiments", ())]
        while answer.get("next_page_token"):
            answer = self._post("experiments/search", asked | {"page_token": answer["next_page_token"]})
            found += answer.get("experiments", ())
        return tuple(
            Folder(
                str(one["experiment_id"]),
                one.get("name", ""),
                one.get("lifecycle_stage") == "deleted",
                {tag["key"]: tag.get("value", "") for tag in one.get("tags", ())},
            )
            for one in found
        )

    def search(
        self,
        experiments: Sequence[str],
        *,
        where: str = "",
        order: str | None = None,
        offset: int = 0,
        limit: int,
        view: View = View.ACTIVE,
    ) -> Found:
        """Return runs of these experiments, and whether more follow them.

        Args:
            experiments: their ids.
            where: a filter in MLflow's syntax.
            order: in MLflow's syntax; by default newest first.
            offset: the number of runs to skip.
            limit: the greatest number of runs.
            view: which of them.
        """
        from mlflow.utils.search_utils import SearchUtils

        asked: dict[str, Any] = {
            "experiment_ids": list(experiments),
            "filter": where,
            "max_results": limit,
            "run_view_type": str(view),
        }
        if order:
            asked["order_by"] = [order]
        if offset:
            # The page token of MLflow 3.17 is an encoded offset, so one request reaches any page.
            asked["page_token"] = SearchUtils.create_page_token(offset).decode()
        answer = self._post("runs/search", asked)
        return Found(answer.get("runs", ()), bool(answer.get("next_page_token")))

    def histories(self, run_ids: Sequence[str], key: str) -> dict[str, Points]:
        """Return run id → history of one metric, for the runs that have it, by as few requests as hold them."""
        histories: dict[str, Points] = {}
        left = sorted(run_ids)
        while left:
            chunk = left[:_RUNS_AT_ONCE]
            rows = self._bulk(chunk, key)
            answered = chunk if rows is None else _complete(rows, chunk)
            if rows is None or not answered:
                # The endpoint is missing, or one run alone has more points than an answer holds.
                answered = answered or chunk[:1]
                histories |= {run_id: self._one(run_id, key) for run_id in answered}
            else:
                held = frozenset(answered)
                for row in rows:
                    if row["run_id"] in held:
                        point = (int(row["step"]), stored_value(float(row["value"])), int(row["timestamp"]))
                        histories.setdefault(row["run_id"], []).append(point)
            left = left[len(answered) :]
        return {
            run_id: sorted(points, key=lambda point: (point[0], point[2]))
            for run_id, points in histories.items()
            if points
        }

    def _bulk(self, run_ids: Sequence[str], key: str) -> list[dict[str, Any]] | None:
        from mlflow.utils.rest_utils import http_request

        asked = {"run_id": list(run_ids), "metric_key": key, "max_results": _CUT_AT}
        answer = http_request(self._login(), _BULK, "GET", params=asked)
        if answer.status_code != 200:
            return None
        rows: list[dict[str, Any]] = answer.json().get("metrics", [])
        return rows

    def _one(self, run_id: str, key: str) -> Points:
        found = self._client.get_metric_history(run_id, key)
        return [(metric.step, stored_value(metric.value), metric.timestamp) for metric in found]

    def _post(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        from mlflow.utils.rest_utils import http_request, verify_rest_response

        answer = http_request(self._login(), _API + path, "POST", json=asked)
        found: dict[str, Any] = verify_rest_response(answer, _API + path).json()
        return found

    def _login(self) -> Any:
        return self._client._tracking_client.store.get_host_creds()

    @cached_property
    def _client(self) -> "MlflowClient":
        load_mlflow()
        from mlflow import MlflowClient

        return MlflowClient(self._uri)


def _complete(rows: Sequence[Mapping[str, Any]], run_ids: Sequence[str]) -> Sequence[str]:
    """Return the first of these sorted runs whose points are all among the rows; none if that cannot be known."""
    if len(rows) < _CUT_AT:
        return run_ids
    ids = [row["run_id"] for row in rows]
    # A full answer may lack the end of its last run and all runs after it, if the server sorts it by run.
    return [run_id for run_id in run_ids if run_id < ids[-1]] if ids == sorted(ids) else ()
