import itertools

import pytest

from trainer.config import UNTOLD, Directions, main_metrics, ranked_metrics


def test_ranked_puts_the_test_part_first_and_the_loss_of_each_part_last() -> None:
    names = ["loss", "val_loss", "test_loss", "accuracy", "test_accuracy", "learning_rate", "system/cpu"]
    assert ranked_metrics(names) == ["test_accuracy", "test_loss", "val_loss", "accuracy", "loss"]


def test_ranked_puts_names_that_say_the_same_in_one_order_however_they_come() -> None:
    names = ("val_loss", "val/loss", "eval_loss", "valid_loss", "validation_loss", "evaluation_loss")
    expected = ["val/loss", "val_loss", "eval_loss", "valid_loss", "evaluation_loss", "validation_loss"]
    for some in itertools.permutations(names, 3):
        assert ranked_metrics(some) == [name for name in expected if name in some]


def test_ranked_puts_what_has_a_direction_before_what_has_none() -> None:
    assert ranked_metrics(["anomaly_score", "loss", "rmse"]) == ["rmse", "anomaly_score", "loss"]


def test_main_metrics_are_those_that_enough_runs_have() -> None:
    usual = [{"test_accuracy": 1.0, "loss": 1.0}] * 8
    assert main_metrics([*usual, {"rmse": 1.0}]) == ["test_accuracy", "loss"]
    assert main_metrics([{"rmse": 1.0}, {}]) == ["rmse"]
    assert main_metrics([]) == []
    quarter = [{"loss": 1.0}] * 6 + [{"loss": 1.0, "mae": 1.0}] * 2
    assert main_metrics(quarter) == ["mae", "loss"]
    assert main_metrics([*quarter, {"loss": 1.0}]) == ["loss"]


def test_three_main_metrics_are_shown_unless_asked_otherwise() -> None:
    run = dict.fromkeys(["accuracy", "auc", "mae", "rmse", "loss"], 1.0)
    assert main_metrics([run]) == ["accuracy", "auc", "mae"]
    assert main_metrics([run], count=1) == ["accuracy"]


@pytest.mark.parametrize(
    ("name", "is_higher"),
    [
        ("accident_rate", False), ("val_accident_rate", False), ("test_reward_x", True), ("accuracy", False),
        ("val_loss", False), ("unknown", None), ("both", None),
    ],
)  # fmt: skip
def test_what_a_person_said_comes_before_what_a_name_says(name: str, is_higher: bool | None) -> None:
    directions = Directions.of(["val_reward_x", "both"], ["accident_rate", "accuracy", "both"])
    assert directions.higher_is_better(name) is is_higher


def test_nothing_said_leaves_it_to_the_name() -> None:
    assert [UNTOLD.higher_is_better(name) for name in ("accuracy", "loss", "accident_rate")] == [True, False, None]
