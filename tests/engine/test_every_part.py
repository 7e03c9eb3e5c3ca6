"""Every layer, optimizer, schedule, loss, metric and callback of the schema, built and trained for an epoch."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.support.components import REQUIRED
from tests.support.engine import Memory, config_on
from tests.support.every_part import random_splits
from trainer.config import LAYERS, LOSSES, METRICS, OPTIMIZERS, Config, Labels
from trainer.config.callbacks import CALLBACKS
from trainer.config.initializers import INITIALIZERS
from trainer.config.regularizers import CONSTRAINTS, REGULARIZERS
from trainer.config.schedules import SCHEDULES
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


def _classifier(layer: dict[str, Any], **changes: Any) -> Config:
    """A network with that layer in it."""
    layers = [layer, "Flatten", {"layer": "Dense", "units": _CLASSES}]
    return config_on(layers=layers, epochs=1, batch_size=10, **changes)


@pytest.mark.parametrize("kind", LAYERS.members)
def test_every_layer_trains(kind: str) -> None:
    rank = LAYERS.members[kind].input_rank  # type: ignore[attr-defined]
    shape = {3: (6, 3), 4: (6, 6, 2)}.get(rank, (6,))
    config = _classifier({"layer": kind, **REQUIRED.get(kind, {})})
    _trained(config, _splits(shape, words=kind == "Embedding"))


@pytest.mark.parametrize("kind", OPTIMIZERS.members)
def test_every_optimizer_trains(kind: str) -> None:
    _trained(_classifier({"layer": "Dense", "units": 5}, optimizer=kind), _splits((6,)))


@pytest.mark.parametrize("kind", SCHEDULES.members)
def test_every_schedule_trains(kind: str) -> None:
    optimizer = {"name": "SGD", "learning_rate": {"name": kind, **REQUIRED[kind]}}
    memory = _trained(_classifier({"layer": "Dense", "units": 5}, optimizer=optimizer, metrics=[]), _splits((6,)))
    assert 0 < memory.epochs[0]["learning_rate"] <= np.float32(0.1)


def _answering(labels: Labels, **changes: Any) -> Config:
    units, activation = {Labels.VALUES: (2, "softplus"), Labels.BINARY: (1, "sigmoid")}.get(
        labels, (_CLASSES, "softmax")
    )
    layers = [{"layer": "Dense", "units": units, "activation": activation}]
    return config_on(layers=layers, epochs=1, batch_size=10, **changes)


@pytest.mark.parametrize("kind", LOSSES.members)
def test_every_loss_trains(kind: str) -> None:
    labels = LOSSES.members[kind].labels  # type: ignore[attr-defined]
    metrics = [] if labels is Labels.VALUES else ["accuracy"]
    _trained(_answering(labels, loss=kind, metrics=metrics), _splits((6,), labels=labels))


_LOSS_FOR = {
    Labels.INTEGER: "SparseCategoricalCrossentropy",
    Labels.ONE_HOT: "CategoricalCrossentropy",
    Labels.BINARY: "BinaryCrossentropy",
    Labels.VALUES: "MeanSquaredError",
}


@pytest.mark.parametrize("labels", Labels)
def test_every_metric_is_measured_with_every_form_of_labels(labels: Labels) -> None:
    metrics = [kind for kind, member in METRICS.members.items() if labels in member.labels]
    memory = _trained(_answering(labels, loss=_LOSS_FOR[labels], metrics=metrics), _splits((6,), labels=labels))
    assert len(memory.epochs[0]) == 2 * (1 + len(metrics)) + 1
    assert all(np.isfinite(value) for value in memory.epochs[0].values()), memory.epochs[0]


def test_metrics_of_one_kind_are_told_apart() -> None:
    metrics = ["AUC", {"name": "AUC", "curve": "PR"}]
    config = _answering(Labels.ONE_HOT, loss="CategoricalCrossentropy", metrics=metrics)
    memory = Memory()
    train(config, _splits((6,), labels=Labels.ONE_HOT), memory)
    assert {"auc", "auc_1", "val_auc_1"} < set(memory.epochs[0])


@pytest.mark.parametrize("kind", CALLBACKS.members)
def test_every_callback_is_called(kind: str) -> None:
    _trained(_classifier({"layer": "Dense", "units": 5}, callbacks=[kind]), _splits((6,)))


def test_every_initializer_regularizer_and_constraint_trains() -> None:
    layers = [
        {"layer": "Dense", "units": 6, field: kind}
        for field, registry in (
            ("kernel_initializer", INITIALIZERS),
            ("kernel_regularizer", REGULARIZERS),
            ("kernel_constraint", CONSTRAINTS),
        )
        for kind in registry.members
    ]
    _trained(config_on(layers=[*layers, {"layer": "Dense", "units": _CLASSES}], epochs=1, batch_size=10), _splits((6,)))


def test_early_stopping_ends_training_and_restores_the_best() -> None:
    callback = {"callback": "EarlyStopping", "monitor": "loss", "min_delta": 1e9, "restore_best_weights": True}
    config = _classifier({"layer": "Dense", "units": 5}).model_copy(update={"epochs": 9})
    config = Config.model_validate({**config.model_dump(), "callbacks": [callback]})
    memory = _trained(config, _splits((6,)))
    assert len(memory.epochs) == 2
