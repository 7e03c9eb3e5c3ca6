"""The charts of settings: scales, colours, parallel coordinates, scatter, importances."""

import json
import math

import numpy as np
import pytest

from dashboard.charts.coloring import coloring
from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.compare import lines
from dashboard.charts.importance import importance_drawing
from dashboard.charts.parallel import parallel_drawing, parallel_info
from dashboard.charts.scales import MISSING, scale_of
from dashboard.charts.scatter import scatter_drawing, scatter_info
from trainer.comparison import Variable, measured
from trainer.statistics import Importance

LONG = "a setting with <b>a name</b> %{x} " * 40
AWKWARD = {
    "no run": Variable("rate", (), ()),
    "one run": Variable("rate", ("0.1",), (0.1,)),
    "equal values": Variable("rate", ("1", "1"), (1.0, 1.0)),
    "all missing": measured("loss", [None, math.nan]),
    "one missing": measured("loss", [None, 0.5]),
    "text": Variable("optimizer", ("Adam", None, "SGD")),
    "empty text": Variable("optimizer", ("", "<b>"), None),
    "long": Variable(LONG, (LONG, "b")),
    "tiny and huge": Variable("rate", ("1e-300", "1e300"), (1e-300, 1e300)),
    "largest": Variable("rate", ("-1.7e308", "1.7e308"), (-1.7e308, 1.7e308)),
    "500 texts": Variable("name", tuple(map(str, range(500)))),
    "500 numbers": measured("loss", [math.sin(place) for place in range(500)]),
}


def drawn_as(variable):
    ids = [f"{place:032x}" for place in range(len(variable.texts))]
    return lines(ids, {})


def is_drawn(drawing):
    """Plotly checks a figure as it is made; JSON has neither NaN nor infinity."""
    layout = json.loads(drawing.figure().to_json())["layout"]
    json.loads(drawing.to_json())
    assert layout["height"] > 0
    return all(math.isfinite(end) for axis in ("xaxis", "yaxis") for end in layout[axis].get("range", []))


@pytest.mark.parametrize("variable", AWKWARD.values(), ids=AWKWARD)
def test_charts_are_drawn_of(variable):
    drawn = drawn_as(variable)
    colors = coloring(drawn, variable)
    assert len(colors.colors) == len(drawn)
    assert is_drawn(parallel_drawing(parallel_info([variable, variable], drawn), colors))
    assert is_drawn(scatter_drawing(scatter_info(variable, variable, drawn), colors))
    assert is_drawn(scatter_drawing(scatter_info(variable, variable, drawn, with_means=True), colors, small=True))


@pytest.mark.parametrize("variable", AWKWARD.values(), ids=AWKWARD)
def test_scale_is_from_0_to_1_with_few_ticks(variable):
    scale = scale_of(variable)
    known = scale.places[scale.places != MISSING]
    assert np.isfinite(scale.places).all()
    assert ((known >= 0) & (known <= 1)).all()
    assert len(scale.ticks) <= 13
    assert all(len(words) <= 16 for _, words in scale.ticks)
    missing = sum(text is None for text in variable.texts)
    assert (scale.places == MISSING).sum() == missing
    assert any(words == "none" for _, words in scale.ticks) == (missing > 0)


def test_learning_rates_are_on_a_logarithmic_scale_ticked_at_each():
    scale = scale_of(Variable("rate", ("0.1", "0.001", "0.01"), (0.1, 0.001, 0.01)))
    assert scale.log
    assert scale.places == pytest.approx([1, 0, 0.5])
    assert [words for _, words in scale.ticks] == ["0.001", "0.01", "0.1"]
    assert not scale_of(Variable("units", ("16", "128"), (16.0, 128.0))).log


@pytest.mark.parametrize(
    ("numbers", "ticks"),
    [
        ((4.0, 5.0, 30.0), ["4", "30"]),
        ((4.0, 15.0, 30.0), ["4", "15", "30"]),
        (range(1, 11), ["1", "3", "6", "8", "10"]),
    ],
)
def test_whole_numbers_have_no_ticks_between_them(numbers, ticks):
    scale = scale_of(Variable("epochs", tuple(map(str, numbers)), tuple(map(float, numbers))))
    assert [words for _, words in scale.ticks] == ticks
    value_at = {place: float(words) for place, words in scale.ticks}
    assert all(
        value == pytest.approx(numbers[0] + place * (numbers[-1] - numbers[0])) for place, value in value_at.items()
    )


def test_texts_are_in_the_order_of_their_numbers():
    scale = scale_of(Variable("units", ("128", "64", "auto")))
    assert [words for _, words in scale.ticks] == ["64", "128", "auto"]


def test_brushes_select_the_runs_that_pass_all_of_them():
    rate = Variable("rate", ("1", "2", "3", None), (1.0, 2.0, 3.0, math.nan))
    optimizer = Variable("optimizer", ("Adam", "SGD", "Adam", "Adam"))
    info = parallel_info([rate, optimizer], drawn_as(rate))
    assert info.within({}) == (0, 1, 2, 3)
    assert info.within({"rate": (0.4, 1)}) == (1, 2)
    assert info.within({"rate": (-0.2, 0)}) == (0, 3)
    assert info.within({"rate": (0, 1), "optimizer": (0, 0.1)}) == (0, 2)
    assert info.within({"an axis that is gone": (0.2, 0.3)}) == (0, 1, 2, 3)


def test_runs_keep_their_colors_unless_a_variable_is_chosen():
    rate = Variable("rate", ("0", "1", None), (0.0, 1.0, math.nan))
    drawn = drawn_as(rate)
    assert coloring(drawn, None).colors == tuple(line.color for line in drawn)
    assert coloring(drawn, rate).colors == (PALETTE[0], PALETTE[1], QUIET)


def test_rare_values_share_a_color_that_the_legend_names():
    names = Variable("name", tuple("aabbccddeeffgghi"))
    found = coloring(drawn_as(names), names)
    assert found.has_legend
    assert [trace["name"] for trace in found.key] == [*"abcdefg", "other values"]
    assert found.colors[-1] == QUIET


def test_means_are_over_the_runs_that_share_a_value():
    x = Variable("units", ("8", "8", "16", "16", "32"), (8.0, 8.0, 16.0, 16.0, 32.0))
    y = measured("loss", [1.0, 2.0, 3.0, 5.0, 9.0])
    assert scatter_info(x, y, drawn_as(x), with_means=True).means == ((8, 1.5, 2), (16, 4, 2))
    assert scatter_info(x, y, drawn_as(x)).means == ()


def test_importances_are_drawn_with_their_intervals():
    found = (Importance("rate", 0.8, 0.5, 1.1), Importance(LONG, 0.0, -0.1, 0.1))
    drawing = importance_drawing(found)
    assert is_drawn(drawing)
    (trace,) = drawing.data
    assert trace["error_x"]["array"] == pytest.approx([0.3, 0.1])
    assert trace["error_x"]["arrayminus"] == pytest.approx([0.3, 0.1])
    assert is_drawn(importance_drawing(()))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("rate", ["rate"]),
        ("optimizer.learning_rate", ["optimizer.", "learning_rate"]),
        ("validation_sparse_categorical_accuracy", ["validation_sparse_", "categorical_", "accuracy"]),
        ("x" * 20, ["x" * 18, "xx"]),
        ("x" * 60, ["x" * 18, "x" * 18, "x" * 17 + "…"]),
        ("a <b> name of a setting, over more lines", ["a &lt;b&gt; name of a", "setting, over more", "lines"]),
    ],
)  # fmt: skip
def test_name_of_an_axis_is_shown_on_as_many_lines_as_it_needs(name: str, lines: list[str]) -> None:
    variable = Variable(name, ("a", "b"))
    drawing = parallel_drawing(parallel_info([variable], drawn_as(variable)), coloring(drawn_as(variable), None))
    assert drawing.layout["xaxis"]["ticktext"] == ["<br>".join(lines)]
    assert drawing.layout["margin"]["t"] == 19 + 15 * len(lines)
