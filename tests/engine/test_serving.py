"""The network that is logged and exported: it takes samples as they came, and gives what the trained one gives."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on, splits_of
from trainer.config import parse_config
from trainer.data import load
from trainer.data.registry import source_of
from trainer.engine.serving import answer_kind, raw_sample, takes_raw
from trainer.engine.state import weights_sha256
from trainer.engine.train import train
from trainer.home import Home
from trainer.tracking.write.class_answers import ClassAnswers, probabilities

WINE: dict[str, Any] = {
    "dataset": {"name": "wine"},
    "layers": [{"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 3}],
    "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
    "optimizer": {"name": "Adam", "learning_rate": 0.01},
    "metrics": ["accuracy"],
    "epochs": 5,
}


@pytest.mark.parametrize("fields", [WINE, WINE | {"dataset": {"name": "wine", "scale": "unit"}}, None])
def test_served_network_takes_raw_samples_and_answers_as_the_trained_one(
    fields: dict[str, Any] | None, tmp_path: Path
) -> None:
    import keras

    config = parse_config(fields) if fields else config_on(epochs=1)
    splits = splits_of(config, tmp_path)
    raw = source_of(config.dataset).read(config.dataset, Home(tmp_path)).train.x
    outcome, model = train(config, splits, Memory())
    served = takes_raw(model, splits)
    file = tmp_path / "served.keras"
    served.save(file)
    loaded = keras.models.load_model(file)
    scaled = ((raw.astype(np.float64) - splits.center) / splits.spread).astype(np.float32)
    # Keras's `predict` rounds float64 arrays to float32 before any layer sees them.
    np.testing.assert_allclose(loaded.predict(raw, verbose=0), model.predict(scaled, verbose=0), rtol=1e-4, atol=1e-5)
    assert weights_sha256(loaded) == outcome.weights_sha256 == weights_sha256(model)
    assert str(loaded.inputs[0].dtype) == splits.raw_dtype
    assert loaded.optimizer.iterations == model.optimizer.iterations > 0


def test_served_network_of_16_bits_rounds_samples_as_training_does(tmp_path: Path) -> None:
    import keras

    config = parse_config(WINE | {"precision": "mixed_float16", "epochs": 1})
    splits = splits_of(config, tmp_path)
    raw = source_of(config.dataset).read(config.dataset, Home(tmp_path)).train.x
    _, model = train(config, splits, Memory())
    scaled = ((raw.astype(np.float64) - splits.center) / splits.spread).astype(np.float32)
    scaling, rounding, *_ = takes_raw(model, splits).layers
    found = rounding(scaling(keras.ops.convert_to_tensor(raw, "float64"))).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, scaled, rtol=2e-4)
    assert model.outputs[0].dtype == "float32"
    assert model.layers[0].compute_dtype == "float16"


@pytest.mark.parametrize(("dtype", "scale"), [("uint8", None), ("int64", "unit"), ("float32", None)])
def test_served_network_takes_images_with_their_channels_first(dtype: str, scale: str | None, tmp_path: Path) -> None:
    import keras

    raw = np.random.default_rng(0).integers(0, 256, (40, 3, 8, 9)).astype(dtype)
    np.savez(tmp_path / "own.npz", x=raw, y=np.arange(40) % 2)
    dataset = {"name": "npz", "path": str(tmp_path / "own.npz"), "channels": "first", "scale": scale}
    layers = [{"layer": "Conv2D", "filters": 2, "kernel_size": 3}, "Flatten", {"layer": "Dense", "units": 2}]
    config = parse_config(WINE | {"dataset": dataset, "layers": layers, "epochs": 1})
    splits = splits_of(config, tmp_path)
    _, model = train(config, splits, Memory())
    takes_raw(model, splits).save(tmp_path / "served.keras")
    loaded = keras.models.load_model(tmp_path / "served.keras")
    seen = ((np.moveaxis(raw, 1, -1) - splits.center) / splits.spread).astype(np.float32)
    np.testing.assert_allclose(loaded.predict(raw, verbose=0), model.predict(seen, verbose=0), rtol=1e-4, atol=1e-5)
    assert raw_sample(splits).shape == (1, 3, 8, 9) == (1, *splits.raw_shape)
    assert loaded.input_shape[1:] == splits.raw_shape
    assert weights_sha256(loaded) == weights_sha256(model)


def test_network_on_data_that_are_not_scaled_stays_as_it_is(tmp_path: Path) -> None:
    config = parse_config(WINE | {"dataset": {"name": "wine", "scale": "none"}})
    splits = load(config.dataset, home=Home(tmp_path))
    assert not splits.is_scaled
    network = object()
    assert takes_raw(network, splits) is network


def test_preparation_says_mean_and_deviation_of_every_feature(tmp_path: Path) -> None:
    config = parse_config(WINE)
    splits = load(config.dataset, home=Home(tmp_path))
    said = json.loads(json.dumps(splits.preparation()))
    assert said["scale"] == "standardize"
    assert said["center"] == splits.center.tolist()  # type: ignore[union-attr]
    assert len(said["spread"]) == len(said["features"]) == 13
    assert said["input_dtype"] == "float64"


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        ({"name": "SparseCategoricalCrossentropy", "from_logits": True}, "logits"),
        ("SparseCategoricalCrossentropy", "probabilities"),
        ({"name": "BinaryCrossentropy", "from_logits": True}, "sigmoid"),
        ("Hinge", "sigmoid"),
    ],
)
def test_outputs_become_probabilities_as_the_loss_has_it(loss: Any, kind: str, tmp_path: Path) -> None:
    config = parse_config(WINE | {"loss": loss})
    assert answer_kind(config.loss, load(config.dataset, home=Home(tmp_path))) == kind


def test_answers_name_the_most_probable_class() -> None:
    class Network:
        def predict(self, data: Any) -> Any:
            return np.asarray(data)

    answers = ClassAnswers(Network(), ["red", "grün"], "logits").predict([[0.0, 2.0], [3.0, 1.0]])
    assert answers["class"].tolist() == ["grün", "red"]
    np.testing.assert_allclose(answers["red"] + answers["grün"], 1)
    single = ClassAnswers(Network(), ["no", "yes"], "sigmoid").predict([[-1.0], [1.0]])
    assert single["class"].tolist() == ["no", "yes"]


def test_scores_that_are_no_probabilities_are_normalized() -> None:
    np.testing.assert_allclose(probabilities(np.array([[2.0, 2.0]]), "probabilities"), [[0.5, 0.5]])
