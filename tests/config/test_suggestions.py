"""Fields that a config does not have: what a person is told to write instead."""

from typing import Any

import pytest

from trainer.config import find_recipe, parse_config
from trainer.config.registry import REGISTRIES
from trainer.config.suggestions import advice, renamed
from trainer.errors import ConfigError

_FIELDS = find_recipe("quickstart-digits").config.model_dump()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"optimizer": {"name": "adam", "lr": 1}}, "optimizer.lr: unknown field; did you mean 'lear"),
        ({"optimizer": {"name": "sgd", "decay": 1e-6}}, "set learning_rate to a schedule, such as InverseTimeDecay"),
        ({"nb_epoch": 3}, "nb_epoch: unknown field; did you mean 'epochs'?"),
        ({"layers": [{"layer": "Dense", "output_dim": 10}]}, "did you mean 'units'?"),
        ({"layers": [{"layer": "Dropout", "p": 0.5}]}, "did you mean 'rate'?"),
        ({"layers": [{"layer": "Dense", "units": 10, "input_shape": [4]}]}, "omit it: the input shape"),
        ({"layers": [{"layer": "Dense", "units": 10, "init": "uniform"}]}, "did you mean 'kernel_initializer'?"),
    ],
)
def test_old_name_of_keras_is_answered_with_what_to_write(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({**_FIELDS, **change})
    assert told in str(caught.value)
    assert "this field is required" not in str(caught.value)


@pytest.mark.parametrize(
    ("layer", "old", "now"),
    [
        ("Conv2D", "nb_filter", "filters"),
        ("Conv1D", "filter_length", "kernel_size"),
        ("Conv2D", "border_mode", "padding"),
        ("Conv2D", "subsample", "strides"),
        ("Dense", "W_regularizer", "kernel_regularizer"),
        ("Dense", "b_regularizer", "bias_regularizer"),
        ("Dense", "W_constraint", "kernel_constraint"),
        ("Dense", "b_constraint", "bias_constraint"),
        ("Dense", "bias", "use_bias"),
        ("LSTM", "inner_activation", "recurrent_activation"),
    ],
)
def test_old_name_of_a_layer_s_field_is_known(layer: str, old: str, now: str) -> None:
    fields = REGISTRIES["layers"].members[layer].model_fields
    assert renamed(old, fields) == now
    assert advice(old, fields) == f"did you mean {now!r}?"


@pytest.mark.parametrize("old", ["input_shape", "input_dim", "batch_input_shape", "input_length"])
def test_shape_of_a_sample_is_left_out(old: str) -> None:
    fields = REGISTRIES["layers"].members["Dense"].model_fields
    assert advice(old, fields) == "omit it: the input shape comes from the dataset."


def test_decay_is_answered_where_there_is_a_learning_rate() -> None:
    told = "set learning_rate to a schedule, such as InverseTimeDecay, or set weight_decay."
    assert advice("decay", ["learning_rate"]) == told
    assert advice("decay", ["x"]) != told


def test_old_name_that_a_part_still_has_stays() -> None:
    embedding = REGISTRIES["layers"].members["Embedding"].model_fields
    assert renamed("output_dim", embedding) == "output_dim"
    assert advice("lr", ["rate", "seed"]) == "expected one of rate, seed."
