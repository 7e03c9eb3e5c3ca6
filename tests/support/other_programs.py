"""A store that other programs filled: autolog of scikit-learn and Keras, and loops that log through MLflow's client.

python -m tests.support.other_programs sqlite:////tmp/store.db [keras]
"""

import math
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["CLIENT_RUNS", "fill"]

CLIENT_RUNS = ("many metrics 0", "many metrics 1", "twin", "odd steps", "odd values", "batches", "removed", "a/b c 😀")
"""The names of the runs that are logged through the client; there are two of `twin`."""

_METRICS = 1_000


def fill(uri: str, artifacts: Path, *, keras: bool) -> None:
    """Fill an empty store; Keras, which takes ten seconds to load, only if asked for."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(experiment_id=mlflow.MlflowClient().create_experiment("others / 😀", str(artifacts)))
    _client_runs()
    _sklearn_runs(mlflow)
    if keras:
        _keras_run(mlflow)


def _sklearn_runs(mlflow: Any) -> None:
    """Log a search as a parent with child runs, and a fit by itself."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    mlflow.sklearn.autolog(log_models=False, silent=True)
    x, y = load_iris(return_X_y=True)
    with mlflow.start_run(run_name="grid search"):
        GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.01, 0.1, 1.0]}, cv=2).fit(x, y)
    with mlflow.start_run(run_name="one fit"):
        LogisticRegression(max_iter=500).fit(x, y)
    mlflow.sklearn.autolog(disable=True)


def _keras_run(mlflow: Any) -> None:
    """Log a fit by MLflow's callback for Keras; autologging of TensorFlow fails without TensorBoard."""
    import keras
    import numpy as np

    mlflow.keras.autolog(log_models=False, silent=True)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=["mae"])
    inputs = np.ones((8, 4), "float32")
    with mlflow.start_run(run_name="keras fit"):
        model.fit(inputs, np.zeros((8, 2), "float32"), epochs=3, validation_split=0.25, verbose=0)
    mlflow.keras.autolog(disable=True)


def _client_runs() -> None:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    client = MlflowClient()
    experiment = client.get_experiment_by_name("others / 😀")
    assert experiment is not None

    def log(name: str, points: list[tuple[str, float, int]], **params: str) -> str:
        run_id: str = client.create_run(experiment.experiment_id, run_name=name).info.run_id
        metrics = [Metric(key, value, 1_000 + place, step) for place, (key, value, step) in enumerate(points)]
        for start in range(0, len(metrics), 1_000):
            client.log_batch(
                run_id, metrics[start : start + 1_000],
                [Param(key, value) for key, value in params.items()] if not start else [],
                [RunTag("größe / x", "=1+1 😀")] if not start else [],
            )  # fmt: skip
        client.set_terminated(run_id)
        return run_id

    for run in range(2):
        names = [f"layer.{index}/weight norm" for index in range(_METRICS)]
        log(f"many metrics {run}", [(name, float(index), step) for step in (0, 1) for index, name in enumerate(names)])
    log("twin", [("loss", 0.5, 0)], lr="0.1")
    log("twin", [("loss", 0.4, 0)], lr="0.1")
    # Steps 4 and 7 are missing, 2 comes late, and 5 was logged twice.
    log("odd steps", [("loss", 1 / step, step) for step in (1, 3, 2, 5, 5, 6, 8)] + [("loss", 0.05, 5)])
    values = (1.0, math.nan, math.inf, -math.inf, 1e308, 5e-324)
    log("odd values", [("loss", value, step) for step, value in enumerate(values)] + [("val_loss", math.nan, 0)])
    # As Lightning logs: the loss of each batch beside the mean of each epoch, whose step is that of its last batch.
    batches = [("train_loss_step", 1 / (step + 1), step) for step in range(40)]
    epochs = [
        (name, 1 / (epoch + 1), epoch * 10 + 9) for epoch in range(4) for name in ("train_loss_epoch", "val_loss")
    ]
    log("batches", [*batches, *epochs, *(("epoch", float(step // 10), step) for step in range(40))])
    client.delete_run(log("removed", [("loss", 1.0, 0)]))
    log("a/b c 😀", [("val/loss é", 0.25, 0), ("loss", 0.5, 0)], **{"a/b c": "<b>x</b>", "größe": "😀"})


if __name__ == "__main__":
    place = Path(sys.argv[1].removeprefix("sqlite:///")).absolute().parent
    fill(sys.argv[1], place / "artifacts", keras="keras" in sys.argv[2:])
