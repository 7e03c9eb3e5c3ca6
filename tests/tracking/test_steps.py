import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainer.tracking import Run, RunQuery, Series, Status, open_reader
from trainer.tracking.steps import by_epochs

KERAS = {"tags": {"mlflow.autologging": "tensorflow"}}


def a_run(**fields: Any) -> Run:
    return Run(
        run_id="a", name="a", experiment_id="0", experiment="Default", status=Status.FINISHED, start_time=0, end_time=1,
        artifact_uri="", **fields,
    )  # fmt: skip


def history(*steps: int) -> Series:
    return Series(steps=steps, values=[0.5] * len(steps), times=[9] * len(steps))


@pytest.mark.parametrize(
    ("fields", "logged", "epochs"),
    [
        ({"tags": {"fitboard.config_digest": "1"}}, (1, 2, 3), (1, 2, 3)),
        (KERAS, (0, 1, 2), (1, 2, 3)),
        ({"tags": {"mlflow.autologging": "keras"}}, (0,), (1,)),
        ({"params": {"opt_name": "adam"}}, (0, 1), (1, 2)),
        ({"params": {"optimizer_name": "adam"}}, (0, 1), (1, 2)),
        (KERAS, (100, 200), None),
        (KERAS, (0, 0, 0), None),
        (KERAS, (), None),
        ({"tags": {"mlflow.autologging": "xgboost"}}, (0, 1), None),
        ({}, (0, 1), None),
    ],
)
def test_steps_are_completed_epochs_where_that_is_known(
    fields: dict[str, Any], logged: tuple[int, ...], epochs: tuple[int, ...] | None
) -> None:
    found = by_epochs(a_run(**fields), history(*logged))
    assert (found and tuple(found.steps)) == epochs


@pytest.mark.slow
def test_callback_of_mlflow_logs_what_is_known_of_it_here(tmp_path: Path) -> None:
    """MLflow's own callback for Keras; autologging puts the same into `fit`, but fails without TensorBoard."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    script = (
        "import keras, mlflow, numpy as np\n"
        "from mlflow.keras.callback import MlflowCallback\n"
        f"mlflow.set_tracking_uri({uri!r})\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]); model.compile('adam', 'mse')\n"
        "with mlflow.start_run():\n"
        "    model.fit(np.ones((8, 2)), np.ones(8), epochs=3, verbose=0, callbacks=[MlflowCallback()])\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, capture_output=True)
    reader = open_reader(uri)
    (run,) = reader.page(RunQuery()).runs
    history = reader.histories([run.run_id])[run.run_id]["loss"]
    assert list(history.steps) == [0, 1, 2]
    epochs = by_epochs(run, history)
    assert epochs is not None
    assert list(epochs.steps) == [1, 2, 3]
