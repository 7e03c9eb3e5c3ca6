"""What pages read: the only caches, and the only way to the store. Keyed by ids and digests."""

from dashboard.loaders.context import Context, context, reader, store
from dashboard.loaders.runs import (
    Snapshot,
    artifact,
    artifact_names,
    columns,
    config,
    expected,
    experiments,
    forget_outlooks,
    histories,
    log_tail,
    metric_curves,
    mlflow_answers,
    outlook,
    run_page,
    snapshot,
)

__all__ = [
    "Context",
    "Snapshot",
    "artifact",
    "artifact_names",
    "columns",
    "config",
    "context",
    "expected",
    "experiments",
    "forget_outlooks",
    "histories",
    "log_tail",
    "metric_curves",
    "mlflow_answers",
    "outlook",
    "reader",
    "run_page",
    "snapshot",
    "store",
]
