"""Every chart of curves over inputs that real runs bring."""

import json
import math

import pytest

from dashboard.charts.compare import View, compare_figure, compare_info, lines
from dashboard.charts.groups import groups_figure, groups_info
from dashboard.charts.history import history_figure, history_infos
from dashboard.charts.places import Axis
from dashboard.charts.residuals import residuals_figure, residuals_info
from trainer.tracking import Series

LONG = "a metric with <b>a name</b> " * 40
VALUES = {
    "no point": [],
    "one point": [0.5],
    "one NaN": [math.nan],
    "infinity": [1.0, math.inf, -math.inf, 1.7976931348623157e308],
    "zero and less": [0.0, -1.0, -2.0],
    "one value": [3.0] * 5,
    "10,000 points": [math.sin(place / 50) for place in range(10_000)],
    "tiny and huge": [1e-300, 1e300],
}


def series(values):
    steps = range(1, len(values) + 1)
    return Series(steps=steps, values=values, times=[1_000 * step for step in steps])


def is_drawn(figure):
    """Plotly checks a figure as it is made; JSON has neither NaN nor infinity."""
    layout = json.loads(figure.to_json())["layout"]
    assert layout["height"] > 0
    for axis in ("xaxis", "yaxis"):
        assert all(math.isfinite(end) for end in layout[axis].get("range", []))
    assert sum(len(trace.x) for trace in figure.data) <= 4_100
    assert len(layout.get("title", {}).get("text", "")) < 100
    return True


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("name", ["loss", LONG], ids=["short", "long"])
def test_history_is_drawn_of(values, name):
    for info in history_infos({name: series(values), f"val_{name}": series(values)}):
        assert is_drawn(history_figure(info, "#112233"))


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("log", [False, True], ids=["linear", "log"])
@pytest.mark.parametrize("axis", Axis)
def test_comparison_is_drawn_of(values, log, axis):
    histories = {"a": series(values)}
    one = compare_info("loss", histories, lines("a", {"a": LONG}), View(axis))
    assert is_drawn(compare_figure(one, log_x=log, log_y=log))
    several = groups_info("loss", histories, [(lines("a", {})[0], ["a"])], View(axis))
    assert is_drawn(groups_figure(several, log_x=log, log_y=log))


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_residuals_are_drawn_of(values):
    info = residuals_info({"actual": values, "predicted": values[::-1]})
    figure = residuals_figure(info, "#112233")
    assert json.loads(figure.to_json())["layout"]["height"] > 0


def test_logarithmic_band_has_no_edge_at_zero_or_less():
    histories = {"a": series([1.0]), "b": series([9.0])}
    info = groups_info("loss", histories, [(lines("a", {})[0], ["a", "b"])])
    (spread,) = (trace for trace in groups_figure(info, log_y=True).data if trace.fill == "toself")
    assert min(spread.y) == pytest.approx(0.05)
