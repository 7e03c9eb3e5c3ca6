"""Augmentation: random, but the same bits each time; of training batches only; no part of the network."""

import ast
import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on, splits_of
from trainer.config import Config
from trainer.config.augmentations import AUGMENTATIONS
from trainer.data import describe, preview
from trainer.engine.augment import build_augmentation
from trainer.engine.augment_preview import augment_sample
from trainer.engine.backend import keras
from trainer.engine.inspect import inspect
from trainer.engine.report import Threads
from trainer.engine.train import train
from trainer.engine.training import Training
from trainer.home import Home
from trainer.reproduce.facts import data_facts
from trainer.reproduce.script import Origin, write_script

_LAYERS: list[Any] = ["Flatten", {"layer": "Dropout", "rate": 0.2}, {"layer": "Dense", "units": 10}]
_AUGMENT: list[Any] = [
    {"layer": "RandomFlip", "mode": "horizontal"},
    {"layer": "RandomTranslation", "height_factor": 0.2, "width_factor": 0.2},
]
_LIMIT = 2**33


def _config(augment: Any = _AUGMENT, **fields: Any) -> Config:
    return config_on(**{"layers": _LAYERS, "epochs": 2, "augment": augment, **fields})


def test_config_without_augmentation_keeps_its_digest() -> None:
    assert "augment" not in _config(None).canonical_json()
    assert _config([]).digest == config_on(layers=_LAYERS, epochs=2).digest
    assert _config().digest != _config([]).digest


def test_same_seed_gives_the_same_bits_and_evaluation_is_not_augmented(tmp_path: Path) -> None:
    splits = splits_of(_config(), tmp_path)
    (first, model), (again, _) = (train(_config(), splits, Memory()) for _ in range(2))
    plain, _ = train(_config([]), splits, Memory())
    assert first.weights_sha256 == again.weights_sha256 != plain.weights_sha256
    assert [type(layer).__name__ for layer in model.layers] == ["Flatten", "Dropout", "Dense"]
    correct = (model.predict(splits.test.x, verbose=0).argmax(axis=1) == splits.test.y).mean()
    assert first.evaluation.metrics["test_accuracy"] == pytest.approx(correct)


def test_initial_weights_do_not_depend_on_the_augmentation(tmp_path: Path) -> None:
    splits, threads = splits_of(_config(), tmp_path), Threads(intra=1, inter=1)
    one, other = (Training(_config(augment), splits, threads).model.get_weights() for augment in (_AUGMENT, []))
    assert all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))


def test_training_is_renewed_with_the_seeds_of_its_augmentation(tmp_path: Path) -> None:
    splits = splits_of(_config(), tmp_path)
    training = Training(_config(), splits, Threads(intra=1, inter=1))
    digests = []
    for _ in range(2):
        training.take(_config(), Memory())
        digests.append(training.run()[0].weights_sha256)
    assert digests[0] == digests[1]


@pytest.mark.parametrize("kind", sorted(AUGMENTATIONS.members))
def test_every_augmentation_keeps_the_shape_of_the_images(kind: str, tmp_path: Path) -> None:
    cls = AUGMENTATIONS.members[kind]
    factor = 4 if kind == "RandomPosterization" else 0.2
    factors = {name: factor for name, field in cls.model_fields.items() if field.is_required()}
    ranges = {"value_range": [0, 1]} if "value_range" in cls.model_fields else {}
    config = _config([{"layer": kind, **factors, **ranges}])
    schema = describe(config.dataset, home=Home(tmp_path))
    if kind in {"RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorDegeneration", "RandomColorJitter"}:
        (problem,) = inspect(config, home=Home(tmp_path), memory_limit=_LIMIT).problems
        assert problem.where == "augment.1"
        assert "expects images with 3 channels (red, green, blue), got 1" in problem.message
        return
    keras.utils.set_random_seed(0)
    augmentation = build_augmentation(config, schema)
    x = np.random.default_rng(0).random((4, *schema.input_shape)).astype("float32")
    found = np.asarray(augmentation(x, training=True))  # type: ignore[misc]
    assert found.shape == x.shape
    assert inspect(config, home=Home(tmp_path), memory_limit=_LIMIT).ok


def test_augmentation_that_does_not_fit_the_data_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    moons = _config(["RandomFlip"], dataset={"name": "moons"}, layers=[{"layer": "Dense", "units": 2}])
    found = [each for each in inspect(moons, home=home, memory_limit=_LIMIT).problems if "augment" in each.where]
    message = "RandomFlip expects images of height × width × channels, got samples of 2."
    assert [(each.where, each.message) for each in found] == [("augment.1", message)]
    bright = _config([{"layer": "RandomBrightness", "factor": 0.1}])
    (problem,) = inspect(bright, home=home, memory_limit=_LIMIT).problems
    assert (problem.where, problem.fix) == ("augment.1.value_range", "Set value_range to 0, 1.")


def test_script_augments_the_training_batches(tmp_path: Path) -> None:
    config = _config(precision="mixed_float16")
    text = write_script(config, data_facts(config, Home(tmp_path)), Origin())
    ast.parse(text)
    assert 'keras.layers.RandomFlip(mode="horizontal", dtype="float32")' in text
    assert text.index("model.compile(") < text.index("augment = keras.Sequential([") < text.index("model.fit(")


def _variants(config: Config, home: Path, sample: int = 0) -> Any:
    found = augment_sample(config, home=Home(home), sample=sample, count=6)
    assert found.problem is None
    return np.frombuffer(base64.b64decode(found.images), np.uint8).reshape(found.shape)


def test_preview_is_a_sample_as_stored_and_four_variants_in_its_own_units(tmp_path: Path) -> None:
    config = _config([{"layer": "RandomTranslation", "height_factor": 0.5, "width_factor": 0.5}])
    images = _variants(config, tmp_path)
    stored = preview(config.dataset, home=Home(tmp_path), count=6)
    assert stored is not None
    assert np.array_equal(images[0], np.round(stored.x[0] / 16 * 255))
    assert len({image.tobytes() for image in images}) == 5
    assert np.array_equal(images, _variants(config, tmp_path)), "drawn from the config's seed"
    assert not np.array_equal(images, _variants(config, tmp_path, sample=6)), "the same sample with other variants"


@pytest.mark.parametrize("scale", ["unit", "standardize", "none"])
def test_preview_of_a_file_undoes_its_scaling(scale: str, tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(-3, 5, (40, 6, 6, 3)).astype("float32")
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(40) % 2)
    dataset = {"name": "npz", "path": str(tmp_path / "own.npz"), "scale": scale}
    images = _variants(_config([{"layer": "RandomFlip", "mode": "vertical"}], dataset=dataset), tmp_path)
    expected = np.round((x[0] - x.min()) / (x.max() - x.min()) * 255)
    assert np.abs(images[0] - expected).max() <= 1
    assert {np.array_equal(image, images[0]) or np.array_equal(image, images[0][::-1]) for image in images} == {True}


def test_preview_of_an_augmentation_that_does_not_fit_says_why(tmp_path: Path) -> None:
    found = augment_sample(_config(["RandomGrayscale"]), home=Home(tmp_path), sample=0, count=6)
    assert "expects images with 3 channels" in (found.problem or "")
    gone = _config(dataset={"name": "npz", "path": str(tmp_path / "gone.npz")})
    assert "gone.npz" in (augment_sample(gone, home=Home(tmp_path), sample=0, count=6).problem or "")
