"""Histories of many runs in one request: the address that MLflow's own UI uses, which is not public API."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainer.tracking.numbers import stored_value

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["history_of"]

_ADDRESS = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
_RUNS_AT_ONCE = 100
_CUT_AT = 25_000
"""The server cuts its answer there without a word."""

_Points = list[tuple[int, float, int]]


def history_of(client: "MlflowClient", run_ids: Sequence[str], key: str) -> dict[str, _Points]:
    """Run id → `(step, value, time)` in that order. Where the address is missing or cuts, run by run."""
    histories: dict[str, _Points] = {}
    for start in range(0, len(run_ids), _RUNS_AT_ONCE):
        chunk = run_ids[start : start + _RUNS_AT_ONCE]
        rows = _bulk(client, chunk, key)
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
