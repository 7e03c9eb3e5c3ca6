from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on
from trainer.config import Config, parse_config
from trainer.config.layers import LAYERS
from trainer.data import describe
from trainer.engine.backend import keras
from trainer.engine.build import Names, build_callbacks, build_metrics, build_model, build_optimizer, labels_for
from trainer.home import Home


def _model(config: Config, home: Path) -> Any:
    return build_model(config, describe(config.dataset, home=Home(home)))


def test_names_are_those_of_a_fresh_process_whatever_was_built_before(tmp_path: Path) -> None:
    keras.layers.Dense(3)
    names = [layer.name for layer in _model(config_on(), tmp_path).layers]
    assert names == ["flatten", "dense", "dropout", "dense_1"]


def test_every_layer_is_named_as_keras_would() -> None:
    from keras.src.utils.naming import auto_name

    # Collecting garbage takes far longer than the rest.
    keras.utils.clear_session(free_memory=False)
    names = Names()
    for kind in LAYERS.members:
        assert [names.of(kind), names.of(kind)] == [auto_name(kind), auto_name(kind)]


def test_metrics_are_named_as_keras_would() -> None:
    metrics = config_on("moons", metrics=["accuracy", "AUC", "AUC", "LogCoshError", "FBetaScore"]).metrics
    built = build_metrics(metrics)
    assert built[0] == "accuracy"
    assert [metric.name for metric in built[1:]] == ["auc", "auc_1", "logcosh", "fbeta_score"]


def test_nested_parts_become_keras_objects(tmp_path: Path) -> None:
    dense = {
        "layer": "Dense",
        "units": 4,
        "kernel_initializer": {"name": "RandomNormal", "stddev": 0.5},
        "bias_initializer": "ones",
        "kernel_regularizer": {"name": "L2", "l2": 0.1},
        "kernel_constraint": "MaxNorm",
    }
    layer = _model(config_on(layers=["Flatten", dense]), tmp_path).layers[1]
    assert layer.kernel_initializer.stddev == 0.5
    assert isinstance(layer.bias_initializer, keras.initializers.Ones)
    assert float(layer.kernel_regularizer.l2) == pytest.approx(0.1)
    assert isinstance(layer.kernel_constraint, keras.constraints.MaxNorm)


def test_bidirectional_wraps_its_layer(tmp_path: Path) -> None:
    layer = {"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 3}, "merge_mode": "sum"}
    built = _model(config_on(layers=[layer, {"layer": "Dense", "units": 10}]), tmp_path).layers[0]
    assert built.output.shape == (None, 3)
    assert (built.name, built.forward_layer.name) == ("bidirectional", "forward_lstm")


def test_optimizer_takes_its_schedule() -> None:
    schedule = {"name": "ExponentialDecay", "initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.1}
    config = config_on(optimizer={"name": "SGD", "learning_rate": schedule, "momentum": 0.9, "nesterov": True})
    optimizer = build_optimizer(config.optimizer)
    assert float(optimizer.learning_rate) == 0.5
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)


def test_callbacks_take_their_fields() -> None:
    config = config_on(callbacks=[{"callback": "EarlyStopping", "monitor": "loss", "patience": 3}])
    (callback,) = build_callbacks(config.callbacks)
    assert (callback.monitor, callback.patience) == ("loss", 3)


def test_weights_are_those_of_a_script_written_by_hand(tmp_path: Path) -> None:
    """Initializers draw their seeds as Keras's own strings would."""
    layer = {"layer": "Dense", "units": 4, "kernel_initializer": "he_normal"}
    keras.utils.set_random_seed(7)
    ours = _model(config_on(layers=["Flatten", layer, {"layer": "Dense", "units": 10}]), tmp_path)
    keras.utils.set_random_seed(7)
    dense = keras.layers.Dense
    theirs = keras.Sequential(
        [keras.Input((8, 8)), keras.layers.Flatten(), dense(4, kernel_initializer="he_normal"), dense(10)]
    )
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("loss", "shape", "dtype"),
    [
        ("SparseCategoricalCrossentropy", (3,), "int64"),
        ("CategoricalCrossentropy", (3, 4), "float32"),
        ("BinaryCrossentropy", (3, 1), "float32"),
        ("MeanSquaredError", (3, 1), "float32"),
    ],
)
def test_labels_have_the_form_that_the_loss_wants(loss: str, shape: tuple[int, ...], dtype: str) -> None:
    labels = labels_for(config_on(loss=loss).loss, np.array([0, 3, 1]), classes=4)
    assert (labels.shape, labels.dtype) == (shape, np.dtype(dtype))
    assert labels.argmax(axis=1).tolist() == [0, 3, 1] if shape == (3, 4) else labels.ravel().tolist() == [0, 3, 1]


def test_values_keep_their_columns() -> None:
    y = np.array([[0.5, 1.5], [2.5, 3.5]], dtype=np.float32)
    assert np.array_equal(labels_for(config_on("diabetes", loss="mse").loss, y, classes=None), y)


def test_sequences_come_in_as_integers(tmp_path: Path) -> None:
    fields = {
        "dataset": "imdb",
        "layers": [{"layer": "Embedding", "input_dim": 10_000, "output_dim": 2}],
        "loss": "mse",
    }
    model = _model(parse_config(fields), tmp_path)
    assert model.inputs[0].dtype == "int32"
    assert model.output_shape == (None, 200, 2)
