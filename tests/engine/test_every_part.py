"""What `test_grappler` does not train: every callback, and metrics and an early stop seen in a run's epochs."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on
from tests.support.every_part import random_splits
from trainer.config import Config, Labels
from trainer.config.callbacks import CALLBACKS
from trainer.data import Splits
from trainer.engine.train import train

pytestmark = pytest.mark.slow

_CLASSES = 4


_splits = partial(random_splits, samples=24)
"""Few samples: an epoch of three steps shows what a part does."""


def _trained(config: Config, splits: Splits) -> Memory:
    memory = Memory()
    outcome, model = train(config, splits, memory, steps_per_execution=2)
    assert outcome.epochs == len(memory.epochs) >= 1
    assert np.isfinite(memory.epochs[-1]["loss"])
    assert set(memory.epochs[-1]) - {"learning_rate"} == {
        prefix + name for prefix in ("", "val_") for name in model.get_metrics_result()
    }
    return memory


def _small(**changes: Any) -> Config:
    layers = [{"layer": "Dense", "units": 5}, {"layer": "Dense", "units": _CLASSES}]
    return config_on(**{"layers": layers, "epochs": 1, "batch_size": 10, **changes})


def test_metrics_of_one_kind_are_told_apart() -> None:
    layers = [{"layer": "Dense", "units": _CLASSES, "activation": "softmax"}]
    config = _small(layers=layers, loss="CategoricalCrossentropy", metrics=["AUC", {"name": "AUC", "curve": "PR"}])
    memory = _trained(config, _splits((6,), labels=Labels.ONE_HOT))
    assert {"auc", "auc_1", "val_auc_1"} < set(memory.epochs[0])


@pytest.mark.parametrize("kind", CALLBACKS.members)
def test_every_callback_is_called(kind: str) -> None:
    _trained(_small(callbacks=[kind]), _splits((6,)))


def test_early_stopping_ends_training_and_restores_the_best() -> None:
    callback = {"callback": "EarlyStopping", "monitor": "loss", "min_delta": 1e9, "restore_best_weights": True}
    memory = _trained(_small(epochs=9, callbacks=[callback]), _splits((6,)))
    assert len(memory.epochs) == 2
