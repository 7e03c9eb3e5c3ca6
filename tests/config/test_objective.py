from typing import Any

import pytest

from tests.support.store import config_of
from trainer.config import parse_config
from trainer.config.objective import objective_of


def changed(**fields: Any) -> str:
    return objective_of(parse_config({**config_of().short(), **fields}))


def penalty(units: int) -> dict[str, Any]:
    return {"layer": "Dense", "units": units, "kernel_regularizer": {"name": "L2"}}


def test_objective_is_the_loss_whatever_the_network_and_the_optimizer() -> None:
    assert changed() == changed(optimizer="SGD", epochs=9) == objective_of(config_of(units=7))


@pytest.mark.parametrize(
    "loss", ["CategoricalCrossentropy", {"name": "SparseCategoricalCrossentropy", "ignore_class": 1}]
)
def test_another_loss_is_another_objective(loss: Any) -> None:
    assert changed(loss=loss) != changed()


def test_logits_are_another_way_to_the_same_objective() -> None:
    assert changed(loss={"name": "SparseCategoricalCrossentropy", "from_logits": False}) == changed()


def test_penalty_makes_the_network_part_of_the_objective() -> None:
    objectives = {changed(layers=["Flatten", penalty(units), {"layer": "Dense", "units": 10}]) for units in (8, 16)}
    assert len({*objectives, changed()}) == 3
