"""The kinds of parts: layers by group, and the values that a new part starts with."""

from collections.abc import Mapping
from typing import Any, Final

from trainer.config import LAYERS, Component, Registry, describe

__all__ = ["LAYER_GROUPS", "change_kind", "group_of", "layers_in_order", "start", "summary"]

LAYER_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Core": ("Dense", "Dropout", "Flatten", "Activation"),
    "Images": (
        "Conv2D",
        "MaxPooling2D",
        "AveragePooling2D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
    ),
    "Sequences": (
        "Embedding",
        "LSTM",
        "GRU",
        "SimpleRNN",
        "Bidirectional",
        "Conv1D",
        "MaxPooling1D",
        "AveragePooling1D",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling1D",
    ),
    "Normalization and noise": ("BatchNormalization", "LayerNormalization", "GaussianNoise"),
}
"""Layers by use; those in none of these groups are in `Shape and scale`."""

_REST: Final = "Shape and scale"

# The values that a new part starts with, by kind: required ones, and those whose Keras default is rarely wanted.
_STARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Dense": {"units": 64, "activation": "relu"},
    "Dropout": {"rate": 0.2},
    "Activation": {"activation": "relu"},
    "Conv1D": {"filters": 32, "kernel_size": 3, "activation": "relu"},
    "Conv2D": {"filters": 32, "kernel_size": 3, "activation": "relu"},
    "AveragePooling1D": {"pool_size": 2},
    "AveragePooling2D": {"pool_size": 2},
    "Embedding": {"input_dim": 10_000, "output_dim": 16},
    "SimpleRNN": {"units": 32},
    "LSTM": {"units": 32},
    "GRU": {"units": 32},
    "Bidirectional": {"wrapped": {"layer": "LSTM", "units": 32}},
    "GaussianNoise": {"stddev": 0.1},
    "Rescaling": {"scale": 0.5},
    "Reshape": {"target_shape": [-1]},
    "EarlyStopping": {"patience": 3, "restore_best_weights": True},
    "CosineDecay": {"initial_learning_rate": 0.001, "decay_steps": 1000},
    "CosineDecayRestarts": {"initial_learning_rate": 0.001, "first_decay_steps": 1000},
    "ExponentialDecay": {"initial_learning_rate": 0.001, "decay_steps": 1000, "decay_rate": 0.96},
    "InverseTimeDecay": {"initial_learning_rate": 0.001, "decay_steps": 1000, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [1000, 2000], "values": [0.001, 0.0005, 0.0001]},
    "PolynomialDecay": {"initial_learning_rate": 0.001, "decay_steps": 1000},
}


def start(registry: Registry, kind: str) -> dict[str, Any]:
    """Return the fields of a new part: valid, except for values that only the user knows."""
    return {registry.key: kind, **_STARTS.get(kind, {})}


def change_kind(fields: Mapping[str, Any], registry: Registry, kind: str) -> dict[str, Any]:
    """Return the fields of a part as another kind: shared fields are kept, required ones filled in."""
    specs = describe(registry.members[kind])
    kept = {spec.name: fields[spec.name] for spec in specs if spec.name in fields}
    needed = {spec.name for spec in specs if spec.required}
    begun = {name: value for name, value in start(registry, kind).items() if name in needed or not kept}
    return {registry.key: kind, **begun, **kept}


def group_of(layer: str) -> str:
    """Return the group of a layer."""
    return next((group for group, names in LAYER_GROUPS.items() if layer in names), _REST)


def summary(cls: type[Component]) -> str:
    """Return the help of a kind in one sentence: the first of its docstring."""
    return (cls.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".") + "."


def layers_in_order() -> tuple[str, ...]:
    """Return all layers, group by group."""
    grouped = [name for names in LAYER_GROUPS.values() for name in names]
    return (*grouped, *(name for name in LAYERS.members if name not in grouped))
