from dataclasses import replace

import numpy as np

from dashboard.charts.disagreements import inputs_of
from dashboard.charts.series import continuations, continuations_table, series_figure
from tests.support.schemas import DIABETES
from trainer.data import Kind


def test_windows_show_the_first_target_of_each_step() -> None:
    x = np.array([[["yes", 1.0], ["no", ""]], [["", 3.0], ["", 4.0]]], object)
    y = np.array([[5.0, 50.0, 6.0, 60.0], [7.0, 70.0, 8.0, 80.0]], np.float32)
    first, second = continuations(x, y, ("rain", "sold"), ("sold", "visits"))
    np.testing.assert_array_equal(first.past, [1, np.nan])
    assert first.following.tolist() == [5, 6]
    assert second.following.tolist() == [7, 8]
    figure = series_figure([first, second])
    assert [trace.x.tolist() for trace in figure.data[2:]] == [[-1, 0], [0, 1, 2]]
    assert figure.data[3].y.tolist() == [4, 7, 8]
    assert figure.layout.yaxis.title.text == "sold"
    table = continuations_table([second])
    assert table.columns == {"sample": [1] * 4, "step": [-1, 0, 1, 2], "value": [3, 4, 7, 8]}


def test_target_whose_past_is_no_input_is_drawn_without_it() -> None:
    [only] = continuations(np.array([[["yes"]]], object), np.array([[2.0]]), ("rain",), ("<b>sold",))
    assert not len(only.past)
    figure = series_figure([only])
    assert figure.data[1].x.tolist() == [1]
    assert figure.layout.yaxis.title.text == "&lt;b&gt;sold"
    assert not series_figure([]).data


def test_inputs_of_a_window_are_the_last_values_of_each_column() -> None:
    schema = replace(DIABETES, kind=Kind.SERIES, raw_names=("sold", "rain"), input_shape=(7, 4))
    cells = np.array([[[float(step), "=no" if step % 2 else ""] for step in range(7)]], object)
    found = inputs_of(schema, cells)
    assert found == {"input sold": ["… 2 3 4 5 6"], "input rain": ["… ? =no ? =no ?"]}
    short = inputs_of(schema, cells[:, 1:2])
    assert short["input sold"] == ["1"]
    assert not short["input rain"][0].startswith("=")
