from typing import Any

import numpy as np
import pytest

from trainer.data.schema import Task
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError

_CLASSES, _VALUES = Task.CLASSIFICATION, Task.REGRESSION


def _targets(values: list[Any], dtype: str, *, task: str = "auto") -> Targets:
    return read_targets(np.array(values * 10, dtype), task=task, where="y")


@pytest.mark.parametrize(
    ("values", "dtype", "task", "other"),
    [
        ([0, 1, 2], "float64", _VALUES, _CLASSES),
        ([0, 1], "float32", _VALUES, _CLASSES),
        ([0.5, 1, 2], "float64", _VALUES, None),
        ([-1, 1], "float64", _VALUES, _CLASSES),
        ([-1, 0, 1], "float64", _VALUES, None),
        ([-1, 1], "int8", _CLASSES, _VALUES),
        ([0, 10], "int64", _CLASSES, _VALUES),
        ([3], "float64", _VALUES, None),
        (list(range(150)), "float64", _VALUES, _CLASSES),
        (list(range(1001)), "float64", _VALUES, None),
        ([0, 1, 2], "int64", _CLASSES, _VALUES),
        (list(range(14)), "uint8", _CLASSES, _VALUES),
        ([0, 1], "int64", _CLASSES, None),
        ([False, True], "bool", _CLASSES, None),
        ([[1, 0], [0, 1]], "float32", _CLASSES, None),
        ([[0.5, 1], [2, 1]], "float32", _VALUES, None),
    ],
)
def test_labels_that_can_be_read_in_two_ways_say_so(
    values: list[Any], dtype: str, task: Task, other: Task | None
) -> None:
    found = _targets(values, dtype)
    assert (found.task, found.other_task) == (task, other)


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_task_that_is_given_leaves_nothing_open(task: str, dtype: str) -> None:
    found = _targets([0, 1, 2], dtype, task=task)
    assert (str(found.task), found.other_task) == (task, None)


def test_whole_floats_that_are_mostly_different_are_values_alone() -> None:
    assert read_targets(np.arange(30.0), task="auto", where="y").other_task is None


def test_many_different_integers_ask_for_the_task() -> None:
    with pytest.raises(DataError, match="set task to regression or to classification"):
        read_targets(np.arange(30), task="auto", where="y")


@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_classes_may_be_numbered_with_a_sign(dtype: str) -> None:
    found = _targets([-1, 1, 1], dtype, task="classification")
    assert (found.classes, found.class_names) == (2, ("-1", "1"))
    assert found.y.tolist() == [0, 1, 1] * 10
