from typing import Any

import pytest

from trainer.config import (
    DATASETS,
    LAYERS,
    OPTIMIZERS,
    REGISTRIES,
    Component,
    Config,
    FieldKind,
    FieldSpec,
    describe,
    registry_of_field,
)

_PARTS = [member for registry in REGISTRIES.values() for member in registry.members.values()]


def _field(cls: type[Component] | type[Config], name: str) -> FieldSpec:
    return next(spec for spec in describe(cls) if spec.name == name)


@pytest.mark.parametrize("cls", [Config, *_PARTS], ids=lambda cls: cls.__name__)
def test_describe_names_every_field_with_help(cls: type[Component]) -> None:
    specs = describe(cls)
    key = getattr(cls, "key", None)
    assert {spec.name for spec in specs} == set(cls.model_fields) - {key if cls is not Config else None}
    assert all(spec.help for spec in specs)
    assert all(spec.default is None for spec in specs if spec.required)
    assert all(spec.choices for spec in specs if spec.kind is FieldKind.CHOICE)
    assert all((spec.registry is not None) == (spec.kind in {"part", "parts", "rate"}) for spec in specs)


def test_describe_puts_own_fields_before_inherited_advanced_ones() -> None:
    names = [spec.name for spec in describe(LAYERS.members["Dense"])]
    assert names[:3] == ["units", "activation", "use_bias"]
    names = [spec.name for spec in describe(LAYERS.members["Conv2D"])]
    assert names.index("activation") < names.index("dilation_rate") < names.index("use_bias")


def test_describe_begins_an_optimizer_with_its_learning_rate() -> None:
    assert {describe(cls)[0].name for cls in OPTIMIZERS.members.values()} == {"learning_rate"}


def test_describe_begins_a_data_set_with_what_is_its_own() -> None:
    names = [spec.name for spec in describe(DATASETS.members["circles"])]
    assert names == [
        *("factor", "samples", "noise", "random_state", "scale", "test_fraction", "validation_fraction", "split_seed"),
        *("folds", "fold"),
    ]


def test_describe_gives_the_limits_of_numbers() -> None:
    rate = _field(LAYERS.members["Dropout"], "rate")
    assert (rate.kind, rate.minimum, rate.maximum, rate.required) == (FieldKind.NUMBER, 0, 1, True)
    beta = _field(OPTIMIZERS.members["Adam"], "beta_1")
    assert (beta.maximum, beta.exclusive_maximum, beta.exclusive_minimum) == (1, True, False)
    clip = _field(OPTIMIZERS.members["Adam"], "clipnorm")
    assert (clip.minimum, clip.exclusive_minimum, clip.optional, clip.advanced) == (0, True, True, True)


def test_describe_tells_pairs_from_lists_of_any_length() -> None:
    kernel = _field(LAYERS.members["Conv2D"], "kernel_size")
    assert (kernel.kind, kernel.length, kernel.whole, kernel.minimum) == (FieldKind.NUMBERS, 2, True, 1)
    shape = _field(LAYERS.members["Reshape"], "target_shape")
    assert (shape.kind, shape.length, shape.minimum) == (FieldKind.NUMBERS, 0, -1)
    assert _field(LAYERS.members["Dropout"], "noise_shape").gaps
    values = _field(REGISTRIES["learning_rate"].members["PiecewiseConstantDecay"], "values")
    assert (values.whole, values.least) == (False, 2)


def test_describe_gives_parts_their_registry() -> None:
    assert _field(Config, "layers").registry is LAYERS
    assert _field(LAYERS.members["Dense"], "kernel_initializer").registry is REGISTRIES["initializer"]
    rate = _field(OPTIMIZERS.members["Adam"], "learning_rate")
    assert (rate.kind, rate.registry, rate.default) == (FieldKind.RATE, REGISTRIES["learning_rate"], 0.001)
    wrapped = _field(LAYERS.members["Bidirectional"], "wrapped")
    assert wrapped.registry is not None
    assert set(wrapped.registry.members) == {"SimpleRNN", "LSTM", "GRU"}
    kernels = _field(LAYERS.members["SpectralNormalization"], "wrapped").registry
    assert kernels is not None
    assert "Conv2D" in kernels.members
    assert "Flatten" not in kernels.members


def test_describe_takes_margins_as_one_list_and_a_number_for_a_range() -> None:
    cropping = _field(LAYERS.members["Cropping2D"], "cropping")
    assert (cropping.kind, cropping.length, cropping.whole) == (FieldKind.NUMBERS, 4, True)
    factor = _field(LAYERS.members["RandomRotation"], "factor")
    assert (factor.kind, factor.length, factor.single, factor.minimum) == (FieldKind.NUMBERS, 2, True, -1)


def test_describe_offers_true_and_false_beside_a_word() -> None:
    assert _field(LAYERS.members["LSTM"], "use_cudnn").choices == ("auto", True, False)


@pytest.mark.parametrize(
    ("name", "noun"), [("kernel_initializer", "initializer"), ("layers", "layer"), ("units", None)]
)
def test_registry_of_field(name: str, noun: str | None) -> None:
    registry = registry_of_field(name)
    assert (registry.noun if registry else None) == noun


@pytest.mark.parametrize("given", [1, [1, 1], [1, 1, 1, 1], [[1, 1], [1, 1]]])
def test_margins_are_read_as_keras_reads_them(given: Any) -> None:
    padded = LAYERS.members["ZeroPadding2D"].model_validate({"layer": "ZeroPadding2D", "padding": given})
    assert padded == LAYERS.members["ZeroPadding2D"]()
