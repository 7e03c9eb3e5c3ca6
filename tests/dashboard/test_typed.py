from typing import Any

import pytest

from dashboard.draft import UNSET, explained, in_step, read, shown
from trainer.config import LAYERS, OPTIMIZERS, Config, FieldSpec, describe


def spec(part: str, name: str) -> FieldSpec:
    cls = LAYERS.members.get(part) or OPTIMIZERS.members[part]
    return next(found for found in describe(cls) if found.name == name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("balanced", "balanced"),
        ("cat: 2, dog: 0.5", {"cat": 2, "dog": 0.5}),
        ("a: b: 1e1", {"a: b": 10.0}),
        ("cat: many", {"cat": "many"}),
        ("cat 2", "cat 2"),
        ("", UNSET),
    ],
)
def test_class_weights_are_typed_as_pairs(text: str, value: Any) -> None:
    weights = next(found for found in describe(Config) if found.name == "class_weight")
    assert read(weights, text) == value
    if isinstance(value, dict):
        assert read(weights, shown(value)) == value


@pytest.mark.parametrize(
    ("part", "name", "text", "value"),
    [
        ("Dense", "units", "128", 128),
        ("Dense", "units", " 1,000 ", 1000),
        ("Dense", "units", "1.5", 1.5),
        ("Dense", "units", "many", "many"),
        ("Dense", "units", "", UNSET),
        ("Dense", "units", "nan", "nan"),
        ("Dropout", "rate", "1e-1", 0.1),
        ("Adam", "learning_rate", "−0.5", -0.5),
        ("Adam", "weight_decay", "", UNSET),
        ("AdamW", "weight_decay", "", None),
        ("AdamW", "weight_decay", "none", None),
        ("Conv2D", "kernel_size", "3", 3),
        ("Conv2D", "kernel_size", "3, 5", [3, 5]),
        ("Conv2D", "kernel_size", "3 × 5", [3, 5]),
        ("Conv2D", "kernel_size", "three", "three"),
        ("Reshape", "target_shape", "8", [8]),
        ("Reshape", "target_shape", "-1, 4", [-1, 4]),
        ("Dropout", "noise_shape", "none, 4", [None, 4]),
    ],
)
def test_read_takes_numbers_and_leaves_what_is_none(part: str, name: str, text: str, value: Any) -> None:
    assert read(spec(part, name), text) == value


def test_reading_keeps_none_of_the_things_that_are_not_finite() -> None:
    assert read(spec("Dropout", "rate"), "inf") == "inf"
    assert read(spec("Dropout", "rate"), "1e999") == "1e999"


@pytest.mark.parametrize("value", [128, 0.001, 1e-7, [3, 5], "many", [None, 4]])
def test_shown_is_read_back(value: Any) -> None:
    name = ("Dropout", "noise_shape") if isinstance(value, list) else ("Adam", "learning_rate")
    assert read(spec(*name), shown(value)) == value


def test_one_number_stands_for_all_sides_and_for_a_range() -> None:
    assert read(spec("Conv3D", "kernel_size"), "3") == 3
    assert read(spec("RandomZoom", "height_factor"), "0.2") == 0.2
    assert read(spec("RandomZoom", "height_factor"), "-0.2, 0.3") == [-0.2, 0.3]
    assert read(spec("Cropping2D", "cropping"), "1, 2, 3, 4") == [1, 2, 3, 4]
    assert shown([[1, 2], [3, 4]]) == "1, 2, 3, 4"


def test_text_is_in_step_where_it_says_what_is_set() -> None:
    units = spec("Dense", "units")
    assert in_step(units, "128", {"units": 128})
    assert in_step(units, "12x", {"units": "12x"})
    assert not in_step(units, "128", {"units": 64})
    assert in_step(spec("Conv2D", "strides"), "1, 1", {})


def test_an_emptied_field_stays_empty_while_it_is_left_out() -> None:
    assert in_step(spec("Adam", "learning_rate"), "", {})
    assert not in_step(spec("Adam", "learning_rate"), "", {"learning_rate": 0.1})


def test_explained_gives_help_limits_and_default() -> None:
    assert explained(spec("Dense", "units")).endswith("An integer, at least 1.")
    assert "below 1" in explained(spec("Adam", "beta_1"))
    assert "Default: 0.9" in explained(spec("Adam", "beta_1"))
    epochs = next(found for found in describe(Config) if found.name == "epochs")
    assert "An integer, at least 1 and at most 1,000,000." in explained(epochs)
