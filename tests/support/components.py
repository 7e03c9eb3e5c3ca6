"""Components of a config for tests: the required fields of each kind, and other values for each of its fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from trainer.config import Component, FieldKind, FieldSpec, Registry, describe

__all__ = ["REQUIRED", "made", "variants"]

_START = {"initial_learning_rate": 0.1, "decay_steps": 50}

REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "Activation": {"activation": "relu"},
    "AveragePooling1D": {"pool_size": 2},
    "AveragePooling2D": {"pool_size": 2},
    "Bidirectional": {"wrapped": {"layer": "GRU", "units": 3}},
    "Conv1D": {"filters": 4, "kernel_size": 2},
    "Conv2D": {"filters": 4, "kernel_size": 2},
    "Dense": {"units": 3},
    "Dropout": {"rate": 0.5},
    "Embedding": {"input_dim": 20, "output_dim": 3},
    "GaussianNoise": {"stddev": 0.1},
    "Rescaling": {"scale": 2.0},
    "Reshape": {"target_shape": [-1]},
    "GRU": {"units": 3},
    "LSTM": {"units": 3},
    "SimpleRNN": {"units": 3},
    "CosineDecay": _START,
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 20},
    "ExponentialDecay": {**_START, "decay_rate": 0.5},
    "InverseTimeDecay": {**_START, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [40], "values": [0.1, 0.01]},
    "PolynomialDecay": _START,
}
"""The required fields of each kind."""

# Fields that are valid only together with others.
_TOGETHER: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("PiecewiseConstantDecay", "boundaries"): {"values": [0.1, 0.05, 0.01], "boundaries": [3, 7]},
    ("PiecewiseConstantDecay", "values"): {"values": [0.3, 0.2]},
    ("AUC", "num_labels"): {"multi_label": True, "num_labels": 3},
}


def made(member: type[Component], **fields: Any) -> Component:
    """Return a component of that kind, with its required fields and these."""
    return member.model_validate({member.key: member.kind_of(), **REQUIRED.get(member.kind_of(), {}), **fields})


def variants(member: type[Component]) -> Iterator[tuple[str, tuple[Component, ...]]]:
    """Yield for every field the components with other values in it than the usual one."""
    usual = made(member)
    for spec in describe(member):
        together = _TOGETHER.get((member.kind_of(), spec.name))
        values = _values(spec, getattr(usual, spec.name))
        found = [made(member, **together)] if together else [_with(member, spec.name, value) for value in values]
        others = tuple(each for each in found if each and getattr(each, spec.name) != getattr(usual, spec.name))
        assert others, f"{member.kind_of()}.{spec.name} has no other value"
        yield spec.name, others


def _with(member: type[Component], name: str, value: Any) -> Component | None:
    """Return the component with one field set, or None if the field does not accept the value."""
    try:
        return made(member, **{name: value})
    except ValidationError:
        return None


def _values(spec: FieldSpec, usual: Any) -> Iterator[Any]:
    # Candidates; `variants` keeps those that the field accepts.
    if spec.kind is FieldKind.FLAG:
        yield not usual
    elif spec.kind is FieldKind.TEXT:
        yield "val_accuracy"
    elif spec.kind is FieldKind.TEXTS:
        yield ["dense"]
    elif spec.kind is FieldKind.NUMBERS:
        yield from ([number] * max(spec.length, 1) for number in (3, 2, 0.25))
    elif spec.kind is FieldKind.MAPPING:
        yield {"age": spec.choices[0]}
    elif spec.kind is FieldKind.CHOICE:
        yield from (choice for choice in spec.choices if choice is not None)
    elif spec.registry is not None:
        yield from _components(spec.registry)
    else:
        yield from (2, 4) if spec.whole else (0.25, 0.125, -0.25)
    if spec.kind is FieldKind.RATE:
        yield 0.0625


def _components(registry: Registry) -> Iterator[Mapping[str, Any]]:
    """Yield a component of each kind, with another number than by default if it has one."""
    for member in registry.members.values():
        numbers = (spec for spec in describe(member) if spec.kind is FieldKind.NUMBER)
        changed = [
            variant
            for spec in numbers
            for value in (0.25, 0.0625, 3)
            if (variant := _with(member, spec.name, value)) and variant != made(member)
        ]
        yield (changed or [made(member)])[0].model_dump(mode="json")
