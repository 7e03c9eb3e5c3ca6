"""A network takes the weights of another run or file, by kind and place of its layers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on, splits_of
from tests.support.killing import Result, cut_and_resumed
from trainer.config import Config
from trainer.data import Splits
from trainer.engine.backend import keras
from trainer.engine.build import build_model
from trainer.engine.report import Facts
from trainer.engine.serving import takes_raw
from trainer.engine.start_weights import load_start_weights
from trainer.engine.state import weights_sha256
from trainer.engine.train import train
from trainer.errors import DataError

_DENSE = {"layer": "Dense", "units": 12, "activation": "relu"}
_LAYERS: list[Any] = ["Flatten", _DENSE, {"layer": "Dropout", "rate": 0.3}, {"layer": "Dense", "units": 10}]
_FILE = {"source": "file", "path": "start.keras"}


class _Started(Memory):
    start: str | None = None

    def began(self, facts: Facts) -> None:
        super().began(facts)
        self.start = facts.start_weights


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Splits, Any]:
    """A file of a served network, its SHA-256, the data, and the trained network."""
    folder = tmp_path_factory.mktemp("start")
    config = _config(dataset={"name": "digits", "scale": "standardize"}, weights=None)
    splits = splits_of(config, folder)
    outcome, model = train(config, splits, Memory())
    takes_raw(model, splits).save(folder / "start.keras")
    return folder / "start.keras", outcome.weights_sha256, splits, model


def _config(**fields: Any) -> Config:
    return config_on(**{"layers": _LAYERS, "epochs": 1, "weights": _FILE, **fields})


def _built(config: Config, splits: Splits, seed: int = 3) -> Any:
    keras.utils.set_random_seed(seed)
    return build_model(config, splits.schema)


@pytest.mark.parametrize("optimizer", ["adam", "ScheduleFreeAdamW"])
def test_training_starts_from_the_weights_of_a_file_and_records_them(
    optimizer: str, trained: tuple[Path, str, Splits, Any], tmp_path: Path
) -> None:
    file, digest, splits, _ = trained
    config, memory = _config(optimizer=optimizer, epochs=3), _Started()
    outcome, _ = train(config, splits, memory, start=file, steps_per_execution=10)
    assert memory.start == digest
    fresh, _ = train(_config(weights=None, optimizer=optimizer), splits, Memory(), steps_per_execution=10)
    assert outcome.history["loss"][0] < fresh.history["loss"][0]
    expected = Result.of(outcome, memory)
    assert cut_and_resumed(config, splits, tmp_path / "run", (2, 3), steps_per_execution=10, start=file) == expected


def test_only_weights_are_taken(trained: tuple[Path, str, Splits, Any]) -> None:
    file, digest, splits, model = trained
    taken, fresh = (_built(_config(), splits) for _ in range(2))
    assert load_start_weights(taken, file, skip_mismatch=False) == digest == weights_sha256(taken)
    # The states of the random layers stay those of the new run's seed.
    states = ([np.array(seed.numpy()) for seed in each.non_trainable_variables] for each in (taken, fresh))
    np.testing.assert_array_equal(*states)
    assert int(model.optimizer.iterations) > int(taken.optimizer.iterations) == 0


def test_layers_that_do_not_fit_are_named_or_keep_their_weights(trained: tuple[Path, str, Splits, Any]) -> None:
    file, digest, splits, model = trained
    other = _config(layers=["Flatten", _DENSE, "BatchNormalization", {"layer": "Dense", "units": 11}])
    made, fresh = (_built(other, splits) for _ in range(2))
    words = r"no weights of shape \(12,\) and \(12,\) and \(12,\) and \(12,\) for layer 3 \(BatchNormalization\), nor"
    with pytest.raises(DataError, match=words):
        load_start_weights(made, file, skip_mismatch=False)
    assert load_start_weights(made, file, skip_mismatch=True) != digest
    np.testing.assert_array_equal(made.layers[1].kernel.numpy(), model.layers[1].kernel.numpy())
    for kept in (2, 3):
        for weight, expected in zip(made.layers[kept].get_weights(), fresh.layers[kept].get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)


def test_file_that_fits_no_layer_is_refused(trained: tuple[Path, str, Splits, Any]) -> None:
    file, _, splits, _ = trained
    made = _built(_config(layers=["Flatten", {"layer": "Dense", "units": 3}]), splits)
    with pytest.raises(DataError, match="has no weights that fit any layer"):
        load_start_weights(made, file, skip_mismatch=True)


@pytest.mark.parametrize("name", ["x.keras", "x.weights.h5", "x.h5", "x.txt"])
def test_file_that_is_none_of_weights_is_refused(
    name: str, trained: tuple[Path, str, Splits, Any], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(DataError, match=f"{name} is not a file of Keras weights"):
        load_start_weights(_built(_config(), trained[2]), tmp_path / name, skip_mismatch=True)
