import math

import pytest

from dashboard.charts.directions import best, higher_is_better, main_metrics, ranked


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("val_accuracy", True),
        ("test_auc", True),
        ("sparse_categorical_accuracy", True),
        ("true_positives", True),
        ("cosine_similarity", True),
        ("val_loss", False),
        ("mean_absolute_error", False),
        ("test_mae", False),
        ("sparse_categorical_crossentropy", False),
        ("false_negatives", False),
        ("learning_rate", None),
        ("temperature", None),
    ],
)
def test_higher_is_better_tells_by_the_name(name: str, expected: bool | None) -> None:
    assert higher_is_better(name) is expected


def test_ranked_puts_the_test_part_first_and_the_loss_of_each_part_last() -> None:
    names = ["loss", "val_loss", "test_loss", "accuracy", "test_accuracy", "learning_rate", "system/cpu"]
    assert ranked(names) == ["test_accuracy", "test_loss", "val_loss", "accuracy", "loss"]


def test_main_metrics_are_those_that_enough_runs_have() -> None:
    usual = [{"test_accuracy": 1.0, "loss": 1.0}] * 8
    assert main_metrics([*usual, {"rmse": 1.0}]) == ["test_accuracy", "loss"]
    assert main_metrics([{"rmse": 1.0}, {}]) == ["rmse"]
    assert main_metrics([]) == []


def test_best_follows_the_direction_and_leaves_nan_out() -> None:
    assert best({"a": 0.9, "b": 0.95, "c": math.nan}, "accuracy") == {"b"}
    assert best({"a": 0.9, "b": 0.2, "c": 0.2}, "val_loss") == {"b", "c"}
    assert best({"a": 0.9, "b": 0.9}, "val_loss") == set()
    assert best({"a": 0.9, "b": 0.5}, "temperature") == set()
