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
        ({"optimizer": {"name": "adam", "lr": 1}}, "optimizer.lr: there is no field of that name; did you mean 'lear"),
        ({"optimizer": {"name": "sgd", "decay": 1e-6}}, "give learning_rate a schedule, such as InverseTimeDecay"),
        ({"nb_epoch": 3}, "nb_epoch: there is no field of that name; did you mean 'epochs'?"),
        ({"layers": [{"layer": "Dense", "output_dim": 10}]}, "did you mean 'units'?"),
        ({"layers": [{"layer": "Dropout", "p": 0.5}]}, "did you mean 'rate'?"),
        ({"layers": [{"layer": "Dense", "units": 10, "input_shape": [4]}]}, "leave it out: the shape of a sample"),
        ({"layers": [{"layer": "Dense", "units": 10, "init": "uniform"}]}, "did you mean 'kernel_initializer'?"),
    ],
)
def test_old_name_of_keras_is_answered_with_what_to_write(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({**_FIELDS, **change})
    assert told in str(caught.value)
    assert "it is missing" not in str(caught.value)


def test_old_name_that_a_part_still_has_stays() -> None:
    embedding = REGISTRIES["layers"].members["Embedding"].model_fields
    assert renamed("output_dim", embedding) == "output_dim"
    assert advice("lr", ["rate", "seed"]) == "known are rate, seed."
