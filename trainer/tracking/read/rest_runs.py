"""Read runs from the JSON of an MLflow server."""

from collections.abc import Mapping
from typing import Any

from trainer.tracking.read.stored import in_order_of_use, stored_value
from trainer.tracking.run import LoggedDataset, Run, Status

__all__ = ["datasets_of", "run_of"]

_CONTEXT = "mlflow.data.context"


def run_of(found: Mapping[str, Any], experiments: Mapping[str, str]) -> Run:
    """Return a run, with the name of its experiment by id."""
    info, data = found["info"], found.get("data", {})
    status = Status(info["status"])
    measured = data.get("metrics", ())
    return Run(
        run_id=info["run_id"],
        name=info.get("run_name", ""),
        experiment_id=str(info["experiment_id"]),
        experiment=experiments.get(str(info["experiment_id"]), ""),
        status=status,
        start_time=info.get("start_time"),
        end_time=info.get("end_time") if status.ended else None,
        artifact_uri=info.get("artifact_uri", ""),
        deleted=info.get("lifecycle_stage") == "deleted",
        # In JSON, NaN and ±∞ are texts.
        metrics={metric["key"]: stored_value(float(metric["value"])) for metric in measured},
        last_metric_time=max((metric["timestamp"] for metric in measured), default=None),
        params={param["key"]: param.get("value", "") for param in data.get("params", ())},
        tags={tag["key"]: tag.get("value", "") for tag in data.get("tags", ())},
    )


def datasets_of(found: Mapping[str, Any]) -> tuple[LoggedDataset, ...]:
    """Return the datasets that a run logged, by context, name and digest."""
    logged = found.get("inputs", {}).get("dataset_inputs", ())
    return in_order_of_use(
        LoggedDataset(
            each["dataset"].get("name", ""),
            each["dataset"].get("digest", ""),
            next((tag.get("value", "") for tag in each.get("tags", ()) if tag["key"] == _CONTEXT), ""),
        )
        for each in logged
    )
