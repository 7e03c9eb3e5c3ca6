"""The networks of `keras.applications` as a layer: complete, scaled as they expect it, with the weights in a file."""

import ast
import inspect
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on
from tests.support.every_part import random_splits
from trainer.config import Config, dump_config, load_config
from trainer.config.layers.application import APPLICATIONS, Application
from trainer.data.schema import Schema
from trainer.engine import applications
from trainer.engine.applications import load_applications, weights_file
from trainer.engine.backend import keras
from trainer.engine.build import Names, build_model, build_sequential
from trainer.engine.inspect import inspect_layers
from trainer.engine.train import train
from trainer.errors import DownloadError
from trainer.reproduce.network_source import model_source

_SMALL = {"layer": "Application", "model": "MobileNetV3Small", "pooling": "avg", "weights": None}
_TEN = {"layer": "Dense", "units": 10}


def _config(*layers: Any, **fields: Any) -> Config:
    return config_on(layers=[*layers, _TEN], **{"epochs": 1, "batch_size": 8, "optimizer": "SGD", **fields})


def _schema(shape: tuple[int, ...] = (32, 32, 3)) -> Schema:
    return random_splits(shape).schema


def test_every_network_of_keras_can_be_chosen() -> None:
    found = {name for name in dir(keras.applications) if name[0].isupper()}
    assert found == set(APPLICATIONS) == set(Application.model_fields["model"].annotation.__args__)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "DenseNet121", "VGG16", "MobileNetV3Small"])
def test_pixels_are_scaled_as_the_network_expects_them(name: str) -> None:
    layer = Application(model=name, weights=None)  # type: ignore[arg-type]
    with keras.StatelessScope(initialize_variables=False):
        made = applications.application(layer, (32, 32, 3), str)
    before = keras.Model(made.input, made.layers[-2].output)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    # The one of MobileNetV3 changes nothing.
    module = inspect.getmodule(inspect.unwrap(getattr(keras.applications, name)))
    expected = module.preprocess_input(pixels.copy())  # type: ignore[union-attr]
    np.testing.assert_allclose(before.predict(pixels / np.float32(255), verbose=0), expected, rtol=1e-4, atol=2e-5)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of Keras's weights, with a file of the small network."""
    monkeypatch.setattr(keras.src.backend.config, "keras_home", lambda: str(tmp_path))
    model = keras.applications.MobileNetV3Small(include_top=False, weights=None, input_shape=(32, 32, 3))
    (tmp_path / "models").mkdir()
    model.save_weights(tmp_path / "models" / "x.weights.h5")
    file = tmp_path / "models" / weights_file("MobileNetV3Small", (32, 32, 3))
    (tmp_path / "models" / "x.weights.h5").rename(file)
    return file


def _without_hash(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Have Keras take the file in its folder, whose digest is not that of its own."""
    found = file.with_suffix(".weights.h5")
    file.rename(found)
    monkeypatch.setattr(
        keras.src.utils.file_utils, "get_file", lambda name, *_, **__: str(found) if name == file.name else ""
    )


def test_trained_weights_are_loaded_and_stay_if_frozen(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_hash(monkeypatch, small)
    config = _config({**_SMALL, "weights": "imagenet", "freeze": True})
    model = build_model(config, _schema(), prepare=partial(load_applications, config=config, named=Names().of))
    expected = keras.applications.MobileNetV3Small(include_top=False, weights=None, input_shape=(32, 32, 3))
    expected.load_weights(small.with_suffix(".weights.h5"))
    network = model.layers[1].layers[-1]
    for mine, its in zip(network.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)
    assert [tuple(weight.shape) for weight in model.trainable_weights] == [(576, 10), (10,)]


def test_missing_weights_are_told_before_the_run_and_refused_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.src.backend.config, "keras_home", lambda: str(tmp_path))

    def unreachable(name: str, *_: Any, **__: Any) -> str:
        raise Exception(f"URL fetch failure on https://a/{name}: None -- [Errno -2] Name or service not known")

    monkeypatch.setattr(keras.src.utils.file_utils, "get_file", unreachable)
    config = _config({**_SMALL, "weights": "imagenet"})
    report = inspect_layers(config, _schema(), memory_limit=10**12)
    assert report.ok
    (problem,) = [problem for problem in report.problems if problem.where == "layers.1.weights"]
    assert "The weights of MobileNetV3Small are not on this machine" in problem.message
    with pytest.raises(
        DownloadError, match=r"MobileNetV3Small cannot be loaded \(\[Errno -2\] Name or service not known"
    ):
        train(config, random_splits((32, 32, 3), samples=16), Memory())


def test_gray_pictures_are_refused_in_words() -> None:
    report = inspect_layers(_config(_SMALL), _schema((32, 32, 1)), memory_limit=10**12)
    assert "takes color pictures of (height, width, 3)" in report.problems[0].message
    small = inspect_layers(_config(_SMALL), _schema((8, 8, 3)), memory_limit=10**12)
    assert "32x32" in small.problems[0].message


@pytest.mark.parametrize(
    "layer",
    [
        {**_SMALL, "model": "VGG16", "freeze": True, "pooling": None},
        {"layer": "Parallel", "layers": [_SMALL, {**_SMALL, "freeze": True}]},
    ],
)
def test_exported_network_has_the_same_weights(layer: dict[str, Any]) -> None:
    config = _config(layer, *(["Flatten"] if "pooling" in layer else []))
    assert load_config(dump_config(config)) == config
    keras.utils.set_random_seed(3)
    built = build_sequential(config, _schema())
    space: dict[str, Any] = {"keras": keras}
    keras.utils.set_random_seed(3)
    source = model_source(config, _schema())
    ast.parse(source)
    exec(source, space)
    for mine, its in zip(built.get_weights(), space["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)
    x = np.random.default_rng(0).random((2, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(built.predict(x, verbose=0), space["model"].predict(x, verbose=0))
    assert len(built.trainable_weights) == len(space["model"].trainable_weights)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "name",
    [
        "MobileNet",
        "MobileNetV2",
        "VGG16",
        "ResNet50",
        "EfficientNetB0",
        "EfficientNetV2B0",
        "DenseNet121",
        "Xception",
        "ConvNeXtTiny",
        "NASNetMobile",
        "InceptionV3",
        "ResNet50V2",
        "InceptionResNetV2",
        "MobileNetV3Large",
    ],
)
def test_file_of_the_weights_is_that_of_keras(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class AskedError(Exception):
        pass

    def ask(file: str, *_: Any, **__: Any) -> str:
        raise AskedError(file)

    monkeypatch.setattr(keras.src.utils.file_utils, "get_file", ask)
    for size in (96, 224):
        if size == 96 and not name.startswith("MobileNet"):
            continue
        with pytest.raises(AskedError) as asked, keras.StatelessScope(initialize_variables=False):
            getattr(keras.applications, name)(include_top=False, weights="imagenet", input_shape=(size, size, 3))
        assert str(asked.value) == weights_file(name, (size, size, 3))
