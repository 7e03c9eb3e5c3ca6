"""The difference of two confusion matrices, and the errors of two regressions."""

import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.compare import Line
from dashboard.charts.confusion_difference import confusion_difference_figure
from dashboard.charts.disagreements import inputs_of, predicted_of, wrong_classes
from dashboard.charts.paired_errors import paired_errors_figure
from tests.support.predictions import classified, regressed
from trainer.data import Kind, Schema, Task

PAIR = (Line("a", "first", "#1f6fc4", "solid"), Line("b", "second", "#d55e00", "solid"))


def test_better_cells_are_blue_and_worse_ones_orange() -> None:
    first, second = np.asarray([[8, 2], [4, 6]]), np.asarray([[7, 3], [0, 10]])
    cells, numbers = confusion_difference_figure(("cat", "<b>dog"), first, second).data
    assert np.asarray(cells.z).tolist() == [[-0.25, -0.25], [1.0, 1.0]]
    assert list(numbers.text) == ["−1", "+1", "−4", "+4"]
    told = np.asarray(cells.customdata).tolist()
    assert told[0][1] == ["cat", "&lt;b&gt;dog", "1 sample more"]
    assert told[1][0] == ["&lt;b&gt;dog", "cat", "4 samples fewer"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("classes", [1, 3, 40])
def test_matrix_of_any_size_is_drawn(classes: int, dark: bool) -> None:
    one, other = np.eye(classes, dtype=np.int64), 3 * np.eye(classes, dtype=np.int64)
    labels = tuple(f"class {place}" for place in range(classes))
    figure = confusion_difference_figure(labels, one, other, dark=dark)
    assert len(figure.data) == (1 if classes == 40 else 2)
    assert not confusion_difference_figure(labels, one, one, dark=dark).data


def test_point_has_the_color_of_the_network_that_is_closer() -> None:
    first, second = np.asarray([1.0, 2.0, np.inf]), np.asarray([0.5, 3.0, 1.0])
    points = paired_errors_figure(first, second, np.asarray([4, 7, 9]), PAIR).data[1]
    assert list(points.marker.color) == ["#d55e00", "#1f6fc4"]
    assert list(points.customdata) == [4, 7]
    assert not paired_errors_figure(first[2:], second[2:], np.asarray([9]), PAIR).data


def test_sample_is_told_with_what_was_predicted_wrongly() -> None:
    first, second = classified([0, 1], [2, 1]), classified([0, 1], [1, 0], confidence=None)
    assert wrong_classes((first, second), 0) == ("0", (("2", "50.0 %"), ("1", "")))
    assert wrong_classes((first, second), 1) == ("1", (("0", ""),))


def test_no_cell_of_the_table_begins_a_formula() -> None:
    kept = classified([0, 1], [1, 1], labels=("=1+1", "fine", "x"))
    columns = predicted_of((kept, kept), ("a", "b"), np.asarray([1, 0]))
    assert columns["sample"] == ["1", "0"]
    assert columns["true"] == ["fine", "'=1+1"]
    assert columns["predicted by a"] == ["fine (90.0 %)", "fine (50.0 %)"]


def test_predictions_of_a_regression_have_their_error() -> None:
    kept = regressed([1.0, 2.0], [1.5, math.nan])
    columns = predicted_of((kept, kept), ("a", "b"), np.asarray([0, 1]))
    assert columns["predicted by a"] == ["1.500 (+0.5000)", "NaN (NaN)"]
    two = replace(regressed([1.0], [2.0]), actual=np.ones((1, 2)), predicted=np.zeros((1, 2)))
    assert predicted_of((two, two), ("a", "b"), np.asarray([0]))["predicted by b"] == ["0, 0"]


@pytest.mark.parametrize(
    ("kind", "x", "expected"),
    [
        (Kind.SEQUENCES, [[0, 5, 6]], {"tokens": ["5 6"]}),
        (Kind.TABLE, [[1.0, 2.0]], {"input height": ["1"], "input x2": ["2"]}),
        (Kind.ARRAYS, [np.arange(20.0).reshape(4, 5)], {"inputs": ["0 1 2 3 4 5 6 7 8 9 10 11 …"]}),
    ],
)
def test_inputs_are_shown_by_their_kind(kind: Kind, x: list[object], expected: dict[str, list[str]]) -> None:
    samples = np.asarray(x)
    schema = Schema(
        name="npz", title="mine", kind=kind, task=Task.CLASSIFICATION, input_shape=samples.shape[1:],
        feature_names=("height",), train=1, validation=0, test=1,
    )  # fmt: skip
    assert inputs_of(schema, samples) == expected
