"""A small training for every layer, activation, optimizer, schedule, loss and metric of the schema.

`python -m tests.support.every_part off|pruned` trains them all in one process, without any of grappler's passes or with
those that recurrent networks get, and prints a JSON line of name and digest for each.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.support.components import REQUIRED
from tests.support.engine import Memory, config_on
from trainer.config import LAYERS, LOSSES, METRICS, OPTIMIZERS, Config, Labels
from trainer.config.initializers import INITIALIZERS
from trainer.config.regularizers import CONSTRAINTS, REGULARIZERS
from trainer.config.schedules import SCHEDULES
from trainer.config.values import ACTIVATIONS
from trainer.data import Arrays, Kind, Schema, Splits, Task
from trainer.engine import setup
from trainer.engine.report import Threads

__all__ = ["every_part", "random_splits"]

_SAMPLES, _CLASSES = 70, 4
_LOSS_FOR = {
    Labels.INTEGER: "SparseCategoricalCrossentropy",
    Labels.ONE_HOT: "CategoricalCrossentropy",
    Labels.BINARY: "BinaryCrossentropy",
    Labels.VALUES: "MeanSquaredError",
}
# Large enough for the processor's vector instructions, and no multiple of their width.
_WIDER = {"units": 21, "filters": 13, "output_dim": 9}


def random_splits(
    shape: tuple[int, ...], *, labels: Labels = Labels.INTEGER, words: bool = False, samples: int = _SAMPLES
) -> Splits:
    """Return random samples of a shape, with targets in the form that a loss needs."""
    random = np.random.default_rng(0)
    size = (samples, *shape)
    x = random.integers(0, 20, size).astype(np.int32) if words else random.normal(size=size).astype(np.float32)
    classes = {Labels.VALUES: None, Labels.BINARY: 2}.get(labels, _CLASSES)
    y = random.integers(0, classes, samples) if classes else random.random((samples, 2)).astype(np.float32)
    schema = Schema(
        name="digits",
        title="random",
        kind=Kind.ARRAYS,
        task=Task.CLASSIFICATION if classes else Task.REGRESSION,
        input_shape=shape,
        input_dtype="int32" if words else "float32",
        classes=classes,
        outputs=1 if classes else 2,
        train=samples,
        validation=samples,
        test=samples,
    )
    part = Arrays(x, y)
    return Splits(schema=schema, train=part, validation=part, test=part, digest="0" * 64, center=0.0, spread=1.0)


def every_part() -> Iterator[tuple[str, Config, Splits]]:
    """Yield a name, a config with the part, and data for it."""
    yield from _layers()
    yield from _activations()
    yield from _of_training()
    yield from _losses_and_metrics()


def _layers() -> Iterator[tuple[str, Config, Splits]]:
    for kind, member in LAYERS.members.items():
        rank = member.input_rank  # type: ignore[attr-defined]
        shape = {3: (6, 5), 4: (7, 7, 3)}.get(rank, (11,))
        fields = {name: _WIDER.get(name, value) for name, value in REQUIRED.get(kind, {}).items()}
        words = kind == "Embedding"
        yield f"layer {kind}", _classifier({"layer": kind, **fields}), random_splits(shape, words=words)
    for kind in ("Dense", "Conv2D", "Conv1D"):
        shape = {"Dense": (11,), "Conv1D": (6, 5)}.get(kind, (7, 7, 3))
        fields = {name: _WIDER.get(name, value) for name, value in REQUIRED[kind].items()}
        stack = [{"layer": kind, **fields}, "BatchNormalization", {"layer": "Activation", "activation": "relu"}]
        yield f"normalized {kind}", _classifier(*stack), random_splits(shape)


def _activations() -> Iterator[tuple[str, Config, Splits]]:
    for name in sorted(ACTIVATIONS):
        yield f"activation {name}", _classifier(_dense(activation=name), _dense(activation=name)), random_splits((11,))
        conv = {"layer": "Conv2D", "filters": 13, "kernel_size": 3, "activation": name}
        yield f"convolved {name}", _classifier(conv, conv), random_splits((7, 7, 3))


def _of_training() -> Iterator[tuple[str, Config, Splits]]:
    splits = random_splits((11,))
    stack = [_dense(activation="relu"), {"layer": "Dropout", "rate": 0.3}, _dense()]
    for kind in OPTIMIZERS.members:
        yield f"optimizer {kind}", _classifier(*stack, optimizer=kind), splits
        if kind != "Adafactor":  # its own clipping is of another kind
            clipped = {"name": kind, "clipnorm": 0.1, "weight_decay": 0.01, "use_ema": True}
            yield f"clipped {kind}", _classifier(*stack, optimizer=clipped), splits
    for kind in SCHEDULES.members:
        optimizer = {"name": "SGD", "learning_rate": {"name": kind, **REQUIRED[kind]}}
        yield f"schedule {kind}", _classifier(*stack, optimizer=optimizer), splits
    for field, registry in (
        ("kernel_initializer", INITIALIZERS),
        ("kernel_regularizer", REGULARIZERS),
        ("kernel_constraint", CONSTRAINTS),
    ):
        for kind in registry.members:
            yield f"{field} {kind}", _classifier(_dense(units=11, **{field: kind})), splits


def _losses_and_metrics() -> Iterator[tuple[str, Config, Splits]]:
    for kind, member in LOSSES.members.items():
        labels: Labels = member.labels  # type: ignore[attr-defined]
        yield f"loss {kind}", _answering(labels, loss=kind, metrics=[]), random_splits((11,), labels=labels)
    for labels in Labels:
        metrics = [kind for kind, member in METRICS.members.items() if labels in member.labels]
        config = _answering(labels, loss=_LOSS_FOR[labels], metrics=metrics)
        yield f"metrics {labels.name}", config, random_splits((11,), labels=labels)


def _dense(**fields: Any) -> dict[str, Any]:
    return {"layer": "Dense", "units": 21, **fields}


def _classifier(*layers: Any, **changes: Any) -> Config:
    stack = [*layers, "Flatten", {"layer": "Dense", "units": _CLASSES}]
    return config_on(layers=stack, epochs=2, batch_size=16, **changes)


def _answering(labels: Labels, **changes: Any) -> Config:
    units, activation = {Labels.VALUES: (2, "softplus"), Labels.BINARY: (1, "sigmoid")}.get(
        labels, (_CLASSES, "softmax")
    )
    layers = [_dense(activation="tanh"), {"layer": "Dense", "units": units, "activation": activation}]
    return config_on(layers=layers, epochs=2, batch_size=16, **changes)


def _digest(config: Config, splits: Splits, threads: Threads) -> str:
    """Return the digest of everything that a run's verdict and pages show."""
    from trainer.engine.train import train

    memory = Memory()
    outcome, _ = train(config, splits, memory, threads=threads, steps_per_execution=3)
    found = [outcome.weights_sha256, memory.epochs, outcome.evaluation.metrics, outcome.evaluation.files]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _main(passes: str) -> None:
    threads = Threads(intra=1, inter=1, grappler=False)
    # Every network is treated as recurrent, or none is, whatever its layers are.
    setup._is_recurrent = lambda config: passes == "pruned"
    for name, config, splits in every_part():
        print(json.dumps([name, _digest(config, splits, threads)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1])
