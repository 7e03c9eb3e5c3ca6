import math

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.described import described
from dashboard.charts.figures import empty_figure, framed, literal, titled


def curve(name: str, values: list[float | None]) -> go.Scatter:
    return go.Scatter(x=list(range(1, len(values) + 1)), y=values, name=name, mode="lines+markers")


def chart(*traces: go.Scatter | go.Heatmap, title: str = "loss") -> go.Figure:
    figure = framed(go.Figure(list(traces)))
    return figure.update_layout(title=titled(title), xaxis_title="epoch")


def test_curves_are_told_by_their_ends() -> None:
    figure = chart(curve("training", [1.5, 1.0, 0.25]), curve("validation", [2.0]))
    assert described(figure) == "loss by epoch. training: 1.500 at 1, 0.2500 at 3. validation: 2 at 1."


def test_values_that_are_not_finite_are_left_out() -> None:
    figure = chart(curve("training", [None, 1.0, 0.5, math.nan]), curve("validation", [None]))
    assert described(figure) == "loss by epoch. training: 1 at 2, 0.5000 at 3. validation: no values."


def test_points_without_an_order_are_counted() -> None:
    figure = chart(go.Scatter(x=np.arange(1500.0), y=np.arange(1500.0), name="predicted", mode="markers"))
    assert described(figure) == "loss by epoch. predicted: 1,500 points."


def test_heat_map_is_told_by_its_axes_and_size() -> None:
    figure = framed(go.Figure(go.Heatmap(z=np.zeros((3, 4)))))
    figure.update_layout(xaxis_title="predicted", yaxis_title="true")
    assert described(figure) == "true by predicted. Heat map of 3 rows and 4 columns."


def test_empty_figure_says_why_it_is_empty() -> None:
    assert described(empty_figure("No loss yet")) == "No loss yet."
    assert described(go.Figure()) == "Empty chart."


def test_many_curves_are_cut_off() -> None:
    text = described(chart(*(curve(f"run {index}", [1.0]) for index in range(20))))
    assert text.endswith("run 11: 1 at 1. 8 more.")


def test_typed_words_are_read_as_typed() -> None:
    figure = chart(curve(literal("<b>odd</b> & more"), [1.0]), title="a<b")
    assert described(figure) == "a<b by epoch. <b>odd</b> & more: 1 at 1."
