"""The logged model, as MLflow's own loaders take it."""

import sys

import numpy as np
import pytest

from trainer.tracking import Store
from trainer.tracking.write.model import log_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]


def test_model_is_loaded_by_mlflow_with_its_weights_and_signature(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras
    import mlflow

    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={"seed": "0"})
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    sample = np.arange(128, dtype="float32").reshape(2, 8, 8, 1)

    model_id = log_model(store, run_id, model, sample, step=5)

    assert mlflow.active_run() is None
    outputs = store.client.get_run(run_id).outputs.model_outputs
    assert [(output.model_id, output.step) for output in outputs] == [(model_id, 5)]
    logged = store.client.get_logged_model(model_id)
    assert (logged.name, str(logged.status), logged.params["seed"]) == ("model", "READY", "0")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.tracking_uri)
    mlflow.set_tracking_uri(store.tracking_uri)
    try:
        loaded = mlflow.keras.load_model(f"models:/{model_id}")
        served = mlflow.pyfunc.load_model(f"models:/{model_id}")
        with pytest.raises(mlflow.exceptions.MlflowException, match="shape"):
            served.predict(np.zeros((2, 3), "float32"))
        answers = served.predict(sample)
    finally:
        mlflow.set_tracking_uri(None)
    expected = model.predict(sample, verbose=0)
    np.testing.assert_array_equal(loaded.predict(sample, verbose=0), expected)
    np.testing.assert_array_equal(answers, expected)
    assert served.metadata.signature.inputs.inputs[0].shape == (-1, 8, 8, 1)
    assert served.metadata.signature.outputs.inputs[0].shape == (-1, 10)
    assert "tensorflow" in sys.modules
