"""Hypothesis strategies for configs: any that the schema allows, and narrower ones whose networks Keras can build."""

import string
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from trainer.config import REGISTRIES, Component, Config, FieldKind, FieldSpec, Registry, describe

__all__ = ["BUILDABLE_DATA", "IDENTIFIERS", "PATIENT", "buildable_configs", "configs", "parts"]

PATIENT = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Settings of tests over configs: large values are slow to draw, especially if several processes share the machine."""

_LARGE = 10**6
# Names that YAML reads as something else unless they are quoted are added to the random ones.
_TITLES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=20)
_NAMES = _TITLES.map(str.strip).filter(bool) | st.sampled_from(
    ["yes", "1e3", "# no", "a: b", "'q\"", "null", "~", "010"]
)


def _number(spec: FieldSpec) -> st.SearchStrategy[float]:
    return st.floats(
        min_value=-_LARGE if spec.minimum is None else spec.minimum,
        max_value=_LARGE if spec.maximum is None else spec.maximum,
        exclude_min=spec.exclusive_minimum,
        exclude_max=spec.exclusive_maximum,
        allow_nan=False,
        allow_infinity=False,
    )


def _integer(spec: FieldSpec) -> st.SearchStrategy[int]:
    low = -5 if spec.minimum is None else int(spec.minimum)
    return st.integers(low, max(low, int(spec.maximum or 5)))


def _value(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """Return the values of one field, in the plain form of a file."""
    number = _integer(spec) if spec.whole else _number(spec)
    least, most = (spec.length, spec.length) if spec.length else (max(spec.least, 1), 4)
    simple: dict[FieldKind, st.SearchStrategy[Any]] = {
        FieldKind.INTEGER: number,
        FieldKind.NUMBER: number,
        FieldKind.FLAG: st.booleans(),
        FieldKind.CHOICE: st.sampled_from(spec.choices or (None,)),
        FieldKind.TEXT: _NAMES,
        FieldKind.TEXTS: st.lists(_NAMES, min_size=1, max_size=spec.length or 3),
        FieldKind.MAPPING: st.dictionaries(
            _NAMES, st.sampled_from(spec.choices) if spec.choices else _NAMES, max_size=3
        ),
        FieldKind.CLASS_WEIGHTS: st.sampled_from(spec.choices or (None,))
        | st.dictionaries(_NAMES, st.floats(0, 1e6), min_size=1, max_size=3),
        FieldKind.NUMBERS: st.lists(number | st.none() if spec.gaps else number, min_size=least, max_size=most),
    }
    if spec.name == "run":
        return st.text("0123456789abcdef", min_size=32, max_size=32)
    if spec.name == "date_formats":
        return st.dictionaries(_NAMES, st.sampled_from(["%d.%m.%Y", "%B %d, %Y", "%m/%d/%y %H:%M"]), max_size=3)
    if spec.kind in simple:
        return simple[spec.kind]
    assert spec.registry is not None
    if spec.kind is FieldKind.COMPONENTS:
        return st.lists(parts(spec.registry), min_size=spec.least, max_size=4)
    return number | parts(spec.registry) if spec.kind is FieldKind.RATE else parts(spec.registry)


def _fields(cls: type[Component] | type[Config]) -> st.SearchStrategy[dict[str, Any]]:
    required, optional = {}, {}
    for spec in describe(cls):
        value = st.deferred(lambda spec=spec: st.none() | _value(spec) if spec.optional else _value(spec))
        (required if spec.required else optional)[spec.name] = value
    return st.fixed_dictionaries(required, optional=optional)


def parts(registry: Registry) -> st.SearchStrategy[dict[str, Any]]:
    """Return any member of the registry, with any of its fields set to any allowed value."""
    return st.sampled_from(list(registry.members.values())).flatmap(
        lambda member: _fields(member).map(lambda fields: {member.key: member.kind_of(), **fields})
    )


def configs() -> st.SearchStrategy[Config]:
    """Return any config that the schema allows; few of them can be trained."""
    return _fields(Config).map(Config.model_validate)


BUILDABLE_DATA: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "table": ("iris", (4,)),
    "images": ("digits", (8, 8, 1)),
    "sequences": ("imdb", (12,)),
}
"""By kind: the dataset of a buildable config, and the shape of one sample that its network is built for."""

_UNITS = st.integers(1, 6)
_ACTIVATIONS = st.sampled_from([None, "relu", "tanh", "gelu", "sigmoid"])


def _layer(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"layer": st.just(kind), **fields})


_ANYWHERE = (
    _layer("Dropout", rate=st.floats(0, 0.9))
    | _layer("GaussianNoise", stddev=st.floats(0, 1))
    | _layer("BatchNormalization", momentum=st.floats(0, 1))
    | _layer("LayerNormalization")
    | _layer("Activation", activation=st.sampled_from(["relu", "softplus", "elu"]))
    | _layer("Rescaling", scale=st.floats(-2, 2), offset=st.floats(-1, 1))
    | _layer("Dense", units=_UNITS, activation=_ACTIVATIONS, use_bias=st.booleans())
)
_ON_IMAGES = _ANYWHERE | _layer(
    "Conv2D", filters=_UNITS, kernel_size=st.integers(1, 3), padding=st.just("same"), activation=_ACTIVATIONS
)
_RECURRENT = st.sampled_from(["SimpleRNN", "LSTM", "GRU"]).flatmap(
    lambda kind: _layer(kind, units=_UNITS, return_sequences=st.just(True), dropout=st.floats(0, 0.5))
)
_ON_SEQUENCES = (
    _ANYWHERE
    | _RECURRENT
    | _RECURRENT.map(lambda wrapped: {"layer": "Bidirectional", "wrapped": wrapped})
    | _layer("Conv1D", filters=_UNITS, kernel_size=st.integers(1, 3), padding=st.sampled_from(["same", "causal"]))
)
_POOL_2D = st.sampled_from(["MaxPooling2D", "AveragePooling2D"]).flatmap(
    lambda kind: _layer(kind, pool_size=st.integers(1, 3), padding=st.just("same"))
)


@st.composite
def _stacks(draw: st.DrawFn, kind: str) -> list[dict[str, Any]]:
    if kind == "table":
        return draw(st.lists(_ANYWHERE, max_size=4))
    if kind == "images":
        layers = draw(st.lists(_ON_IMAGES | _POOL_2D, max_size=4))
        return [*layers, draw(st.sampled_from([{"layer": "Flatten"}, {"layer": "GlobalMaxPooling2D"}]))]
    embedding = draw(_layer("Embedding", input_dim=st.just(50), output_dim=_UNITS))
    layers = draw(st.lists(_ON_SEQUENCES, max_size=3))
    return [embedding, *layers, draw(st.sampled_from([{"layer": "Flatten"}, {"layer": "GlobalAveragePooling1D"}]))]


@st.composite
def buildable_configs(draw: st.DrawFn, kind: str = "table", *, classes: int = 3) -> Config:
    """Return configs whose network Keras can build for BUILDABLE_DATA[kind]: `table`, `images` or `sequences`."""
    layers = [*draw(_stacks(kind)), {"layer": "Dense", "units": classes, "activation": "softmax"}]
    return Config.model_validate(
        {
            "dataset": BUILDABLE_DATA[kind][0],
            "layers": layers,
            "loss": "SparseCategoricalCrossentropy",
            "optimizer": draw(st.sampled_from(list(REGISTRIES["optimizer"].members))),
            "metrics": draw(st.sampled_from([[], ["accuracy"]])),
            "batch_size": draw(st.integers(1, 64)),
            "seed": draw(st.integers(0, 2**32 - 1)),
        }
    )


IDENTIFIERS = st.text(string.ascii_lowercase + "_.", min_size=1, max_size=12)
"""Words that could be keys."""
