"""First networks fit their datasets."""

from typing import Any

import pytest

from trainer.config import parse_config
from trainer.config.starts import first_config

DATASET = {"name": "digits"}


@pytest.mark.parametrize(
    ("given", "kinds", "loss"),
    [
        ({"input_shape": (5,), "classes": 3}, ["Dense", "Dense", "Dense"], "SparseCategoricalCrossentropy"),
        ({"input_shape": (5,), "outputs": 2}, ["Dense", "Dense", "Dense"], "MeanSquaredError"),
        (
            {"input_shape": (64, 64, 3), "classes": 2},
            ["Conv2D", "MaxPooling2D", "Conv2D", "GlobalAveragePooling2D", "Dense"],
            "SparseCategoricalCrossentropy",
        ),
        ({"input_shape": (4, 4, 1), "classes": 2}, ["Flatten", "Dense", "Dense"], "SparseCategoricalCrossentropy"),
        ({"input_shape": (30, 4)}, ["LSTM", "Dense"], "MeanSquaredError"),
        (
            {"input_shape": (80,), "vocabulary": 900, "classes": 2},
            ["Embedding", "GlobalAveragePooling1D", "Dense", "Dense"],
            "SparseCategoricalCrossentropy",
        ),
        ({"input_shape": (5,), "outputs": 4, "is_multilabel": True}, ["Dense"] * 3, "BinaryCrossentropy"),
    ],
)
def test_first_config_is_valid_and_of_the_shape_of_the_samples(given: Any, kinds: list[str], loss: str) -> None:
    config = parse_config(first_config(DATASET, **given))
    assert [layer.kind for layer in config.layers] == kinds
    assert config.loss.kind == loss
    units = dict(config.layers[-1].arguments())["units"]
    assert units == (given.get("classes") or given.get("outputs", 1))


def test_first_config_of_a_series_gives_outputs_the_unit_of_the_targets() -> None:
    alike = first_config(DATASET, input_shape=(30, 4), outputs=2, targets=[(51.23, 7.21), (53.3, 6.9)])
    assert alike["layers"][-1] == {"layer": "Rescaling", "scale": 7.2, "offset": 52.3}
    for targets in ([(1.0, 1.0), (1.0, 100.0)], [(1.0, 0.0), (1.0, 1.0)]):
        assert first_config(DATASET, input_shape=(30, 4), outputs=2, targets=targets)["layers"][-1]["layer"] == "Dense"
