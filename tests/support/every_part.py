"""A small training for every layer, activation, optimizer, schedule, loss and metric of the schema.

`python -m tests.support.every_part off|pruned` trains them all in one process, without any of grappler's passes or with
those that recurrent networks get, and prints a JSON line of name and digest for each, or of name and traceback.
"""

import hashlib
import json
import math
import sys
import traceback
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from tests.support.components import REQUIRED
from tests.support.engine import Memory, config_on
from trainer.config import LAYER_GROUPS, LAYERS, LOSSES, METRICS, OPTIMIZERS, Config, Labels
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
_WORDS = {"Embedding", "CategoryEncoding", "IntegerLookup", "Hashing"}
_TOGETHER = 6
"""How many layers or activations are trained in one network."""

_SHAPES = {
    "MelSpectrogram": (3000,),
    "STFTSpectrogram": (400, 1),
    "Permute": (6, 5),
    "TimeDistributed": (6, 5),
    "Residual": (6, 5),
    "Parallel": (6, 5),
}


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
    yield from _metrics()


def _layers() -> Iterator[tuple[str, Config, Splits]]:
    augmentations = [layer.kind_of() for layer in LAYER_GROUPS["Image augmentation"]]
    # Several in each network, since tracing is what takes the time.
    for kinds in _by(_TOGETHER, augmentations):
        yield f"layers {' '.join(kinds)}", _classifier(*map(_layer, kinds)), random_splits((7, 7, 3))
    alike: dict[tuple[int, ...], list[str]] = {}
    for kind, member in LAYERS.members.items():
        if kind in _WORDS:
            yield f"layer {kind}", _classifier(_layer(kind)), random_splits((11,), words=True)
        # The layers of an application are tried one by one; a whole one would take half a minute.
        elif kind not in {*augmentations, "Application"}:
            alike.setdefault(_shape(kind, member), []).append(kind)
    for shape, found in alike.items():
        for kinds in _by(_TOGETHER, found):
            yield f"layers {' '.join(kinds)}", _classifier(*_side_by_side(kinds)), random_splits(shape)
    for kind in ("Dense", "Conv2D", "Conv1D"):
        stack = [_layer(kind), "BatchNormalization", {"layer": "Activation", "activation": "relu"}]
        yield f"normalized {kind}", _classifier(*stack), random_splits(_shape(kind, LAYERS.members[kind]))

    kernel = {"kernel_size": 8, "filters": 5, "kernel_initializer": "STFT"}
    yield "initializer STFT", _classifier({"layer": "Conv1D", **kernel}), random_splits((20, 1))


def _by(size: int, names: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (names[first : first + size] for first in range(0, len(names), size))


def _shape(kind: str, member: Any) -> tuple[int, ...]:
    by_rank = {3: (6, 5), 4: (7, 7, 3), 5: (5, 6, 6, 2), 6: (3, 4, 4, 4, 2)}
    return _SHAPES.get(kind) or by_rank.get(member.input_rank, (11,))


def _layer(kind: str) -> dict[str, Any]:
    fields = {name: _WIDER.get(name, value) for name, value in REQUIRED.get(kind, {}).items()}
    return {"layer": kind, **fields, **({"groups": 11} if kind == "GroupNormalization" else {})}


def _side_by_side(kinds: Sequence[str]) -> list[dict[str, Any]]:
    """All on the same input, whatever the shapes of their outputs."""
    stacks = [{"layer": "Stack", "layers": [_layer(kind), "Flatten"]} for kind in kinds]
    return [{"layer": "Parallel", "layers": stacks}] if len(stacks) > 1 else [_layer(kinds[0])]


def _activations() -> Iterator[tuple[str, Config, Splits]]:
    # Each in a convolution and in a dense layer.
    for names in _by(_TOGETHER, sorted(ACTIVATIONS)):
        convolved = [{"layer": "Conv2D", "filters": 13, "kernel_size": 2, "activation": name} for name in names]
        dense = [_dense(activation=name) for name in names]
        yield f"activations {' '.join(names)}", _classifier(*convolved, "Flatten", *dense), random_splits((7, 7, 3))


def _of_training() -> Iterator[tuple[str, Config, Splits]]:
    """Yield an optimizer with a kind of weights and a loss, as long as there are any left."""
    for optimizer, weights, loss in zip_longest(_optimizers(), _of_weights(), LOSSES.members):
        more = [_dense(units=11, **dict([weights]))] if weights else []
        hidden = [_dense(activation="relu"), {"layer": "Dropout", "rate": 0.3}, *more]
        kind = loss or _LOSS_FOR[Labels.INTEGER]
        labels: Labels = LOSSES.members[kind].labels  # type: ignore[attr-defined]
        config = _answering(labels, hidden, loss=kind, optimizer=optimizer or "SGD", metrics=[])
        yield (
            f"optimizer {json.dumps(optimizer)} weights {weights} loss {loss}",
            config,
            random_splits((11,), labels=labels),
        )


def _optimizers() -> Iterator[Any]:
    yield from OPTIMIZERS.members
    for kind in SCHEDULES.members:
        yield {"name": "SGD", "learning_rate": {"name": kind, **REQUIRED[kind]}}
    # Adafactor's own clipping is of another kind.
    for kind in sorted(OPTIMIZERS.members.keys() - {"Adafactor"}):
        yield {"name": kind, "clipnorm": 0.1, "weight_decay": 0.01, "use_ema": True}


def _of_weights() -> Iterator[tuple[str, str]]:
    """Yield each field of a layer's weights with each kind that it may have."""
    for field, registry in (
        ("kernel_initializer", INITIALIZERS),
        ("kernel_regularizer", REGULARIZERS),
        ("kernel_constraint", CONSTRAINTS),
    ):
        # STFT is for a convolution of one channel.
        yield from ((field, kind) for kind in registry.members if kind != "STFT")


def _metrics() -> Iterator[tuple[str, Config, Splits]]:
    for labels in Labels:
        kinds = [kind for kind, member in METRICS.members.items() if labels in member.labels]
        metrics = [{"name": kind, **REQUIRED.get(kind, {})} for kind in kinds]
        config = _answering(labels, [_dense(activation="tanh")], loss=_LOSS_FOR[labels], metrics=metrics)
        yield f"metrics {labels.name}", config, random_splits((11,), labels=labels)


def _dense(**fields: Any) -> dict[str, Any]:
    return {"layer": "Dense", "units": 21, **fields}


def _classifier(*layers: Any, **changes: Any) -> Config:
    stack = [*layers, "Flatten", {"layer": "Dense", "units": _CLASSES}]
    # The optimizer that is traced soonest, where another is not what is tried.
    return config_on(**{"layers": stack, "epochs": 2, "batch_size": 16, "optimizer": "SGD", **changes})


def _answering(labels: Labels, hidden: Sequence[Any], **changes: Any) -> Config:
    units, activation = {Labels.VALUES: (2, "softplus"), Labels.BINARY: (1, "sigmoid")}.get(
        labels, (_CLASSES, "softmax")
    )
    layers = [*hidden, {"layer": "Dense", "units": units, "activation": activation}]
    return config_on(**{"layers": layers, "epochs": 2, "batch_size": 16, "optimizer": "SGD", **changes})


def _digest(config: Config, splits: Splits, threads: Threads) -> str:
    """Train, check what was measured, and return the digest of everything that a run's verdict and pages show."""
    from trainer.engine.train import train

    memory = Memory()
    outcome, model = train(config, splits, memory, threads=threads, steps_per_execution=3)
    assert outcome.epochs == len(memory.epochs) == config.epochs
    first = memory.epochs[0]
    measured = model.get_metrics_result()
    assert len(measured) == 1 + len(config.metrics), measured
    assert set(first) == {"learning_rate", *measured, *(f"val_{name}" for name in measured)}, first
    assert all(math.isfinite(value) for epoch in memory.epochs for value in epoch.values()), memory.epochs
    assert 0 < first["learning_rate"] <= np.float32(0.1), first
    found = [outcome.weights_sha256, memory.epochs, outcome.evaluation.metrics, outcome.evaluation.files]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _main(passes: str) -> None:
    threads = Threads(intra=1, inter=1, grappler=False)
    # Every network is treated as recurrent, or none is, whatever its layers are.
    setup._is_recurrent = lambda config: passes == "pruned"
    for name, config, splits in every_part():
        try:
            found = _digest(config, splits, threads)
        # The other parts are still tried, and the test names every part that failed.
        except Exception:
            found = traceback.format_exc()
        print(json.dumps([name, found]), flush=True)  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1])
