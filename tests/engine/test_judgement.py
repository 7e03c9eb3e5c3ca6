from dataclasses import replace
from typing import Any

import pytest

from tests.support.schemas import DIABETES, DIGITS, MOONS
from trainer.engine.judgement import judge_results

_TESTED = {"test_loss": 0.5}


def _confusion(*rows: list[int]) -> dict[str, Any]:
    return {"confusion.json": {"labels": [str(n) for n in range(len(rows))], "counts": list(rows)}}


def _predictions(actual: list[Any], predicted: list[Any]) -> dict[str, Any]:
    return {"predictions.json": {"actual": actual, "predicted": predicted}}


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([0.5, 3.0, 1e15], "rose from 0.5 to 1e+15"),
        ([1e15, 9e14], "ended at 9e+14"),
        ([1e15], "ended at 1e+15"),
        ([2.3, float("nan"), float("nan")], "is NaN from epoch 2 on"),
        ([float("inf")], "is infinite from epoch 1 on"),
    ],
)
def test_loss_that_exploded_is_called_diverged(losses: list[float], words: str) -> None:
    sentence = judge_results({"loss": losses}, _TESTED, DIGITS, files=_confusion([50, 0], [0, 50]))
    assert sentence is not None
    assert sentence.startswith("Training diverged: the loss ")
    assert words in sentence
    assert "learning rate" in sentence


@pytest.mark.parametrize("losses", [[], [2.3, 0.1], [0.1, 0.9], [0.0, 0.5], [74.0, 73.0]])
def test_loss_that_moves_as_losses_do_is_not_diverged(losses: list[float]) -> None:
    assert judge_results({"loss": losses, "val_loss": [1e9]}, _TESTED, DIGITS) is None


def test_large_loss_of_a_regression_on_large_targets_is_not_diverged() -> None:
    files = _predictions([1e6, 2e6, 3e6], [1.1e6, 2e6, 2.9e6])
    assert judge_results({"loss": [9e12, 1e11]}, _TESTED, DIABETES, files=files) is None


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (([50, 0], [50, 0]), "Test accuracy 0.5 is at chance level; always predicting the most frequent class "),
        (([90, 0], [9, 1]), "Test accuracy 0.91 is at chance level; always predicting the most frequent class "),
        (([0, 50], [50, 0]), "Test accuracy 0 is at chance level"),
        (([29, 21], [21, 29]), "Test accuracy 0.58 is at chance level"),
    ],
)
def test_accuracy_that_a_constant_answer_reaches_is_at_chance(rows: tuple[list[int], ...], sentence: str) -> None:
    found = judge_results({"loss": [0.7]}, _TESTED, MOONS, files=_confusion(*rows))
    assert found is not None
    assert found.startswith(sentence)


@pytest.mark.parametrize("rows", [([45, 5], [5, 45]), ([30, 20], [20, 30]), ([90, 0], [1, 9]), ([50, 0], [0, 0])])
def test_accuracy_above_chance_is_not_spoken_of(rows: tuple[list[int], ...]) -> None:
    assert judge_results({"loss": [0.7]}, _TESTED, MOONS, files=_confusion(*rows)) is None


def test_without_a_test_part_the_validation_part_is_named() -> None:
    found = judge_results({"loss": [0.7]}, {}, replace(MOONS, test=0), files=_confusion([50, 0], [50, 0]))
    assert found is not None
    assert found.startswith("Validation accuracy 0.5 ")


@pytest.mark.parametrize(
    ("actual", "predicted"),
    [
        ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
        ([1.0, 2.0, 3.0], [9e9, -4e12, 0.0]),
        ([1.0, 2.0, 3.0], [1.0, 2.0, None]),
        ([[1.0, 5.0], [2.0, 7.0]], [[1.0, 7.0], [2.0, 5.0]]),
    ],
)
def test_regression_no_better_than_the_mean_says_so(actual: list[Any], predicted: list[Any]) -> None:
    found = judge_results({"loss": [2.0, 1.0]}, _TESTED, DIABETES, files=_predictions(actual, predicted))
    assert found is not None
    assert found.startswith("Test predictions are no better than always predicting the mean (R² ")


@pytest.mark.parametrize(
    ("actual", "predicted"),
    [
        ([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]),
        ([2.0, 2.0], [5.0, 5.0]),
        ([[1.0, 5.0], [2.0, 7.0]], [[1.0, 5.0], [2.0, 7.0]]),
    ],
)
def test_regression_that_learned_is_not_spoken_of(actual: list[Any], predicted: list[Any]) -> None:
    assert judge_results({"loss": [1.0]}, _TESTED, DIABETES, files=_predictions(actual, predicted)) is None


def test_series_that_is_predicted_no_better_than_by_its_last_value_is_spoken_of() -> None:
    files = _predictions([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]], [[1.5, 12.0], [2.5, 28.0], [3.5, 18.0]])
    last = [[0.5, 11.0], [1.5, 29.0], [2.5, 19.0]]
    # Errors of 0.5 and 2 against 0.5 and 1.
    files["predictions.json"]["last"] = last
    found = judge_results({"loss": [0.7]}, _TESTED, DIABETES, files=files)
    assert found is not None
    assert found.startswith("Test errors are 1.5 times those of repeating the last value, on average;")
    files["predictions.json"]["last"] = [[0.0, 0.0], [1.0, 0.0], [None, None]]
    assert judge_results({"loss": [0.7]}, _TESTED, DIABETES, files=files) is None
    files["predictions.json"]["last"] = [[None, None]] * 3
    assert judge_results({"loss": [0.7]}, _TESTED, DIABETES, files=files) is None
