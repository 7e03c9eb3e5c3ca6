import math

import pytest

from dashboard.charts.colors import PALETTE, run_color
from dashboard.charts.compare import Axis, compare_figure, compare_info, lines, smoothed
from trainer.tracking import Series


def series(*values: float, start: int = 1_000) -> Series:
    count = len(values)
    return Series(
        steps=range(1, count + 1), values=values, times=[start + 2_000 * index for index in range(1, count + 1)]
    )


def test_lines_keep_each_run_its_colour_and_dash_those_that_share_one() -> None:
    run_ids = [f"run {index}" for index in range(len(PALETTE) * 3)]
    drawn = lines(run_ids, {})
    assert [line.color for line in drawn] == [run_color(run_id) for run_id in run_ids]
    assert len({(line.color, line.dash) for line in drawn}) == len(run_ids)


def test_info_by_epoch_has_the_steps_of_every_run_that_has_the_metric() -> None:
    info = compare_info("loss", {"a": series(3, 2, 1), "c": series()}, lines("abc", {"a": "first"}))
    assert [(curve.line.label, curve.x, curve.y) for curve in info.curves] == [("first", (1, 2, 3), (3, 2, 1))]
    assert (info.points, info.drawn) == (3, 3)


def test_info_by_time_counts_seconds_from_the_start_or_else_the_first_point() -> None:
    both = {"a": series(3, 2), "b": series(3, 2)}
    info = compare_info("loss", both, lines("ab", {}), axis=Axis.TIME, starts={"a": 1_000})
    assert [curve.x for curve in info.curves] == [(2.0, 4.0), (0.0, 2.0)]


def test_info_of_values_that_are_no_numbers_marks_where_each_row_of_them_begins() -> None:
    values = (2.0, math.nan, math.nan, 1.0, math.inf, 1.7976931348623157e308, -math.inf)
    info = compare_info("loss", {"a": series(*values)}, lines("a", {}))
    (curve,) = info.curves
    assert info.drawn == info.points == 7
    assert curve.y == (2.0, 1.0)
    assert [(point.x, point.y, point.words) for point in curve.breaks] == [(2, 2.0, "NaN"), (5, 1.0, "∞")]


def test_info_of_nothing_but_nan_draws_the_mark_alone() -> None:
    info = compare_info("loss", {"a": series(math.nan)}, lines("a", {}))
    assert info.curves[0].x == ()
    assert compare_figure(info).data[-1].text == ("NaN",)


def test_info_of_many_points_keeps_the_peak_and_tells_how_many_there_are() -> None:
    values = [0.0] * 50_000
    values[31_234] = 9.0
    info = compare_info("loss", {"a": series(*values)}, lines("a", {}), smoothing=0.9)
    assert info.points == 50_000
    assert info.drawn <= 4_000
    assert max(info.curves[0].y) == 9.0


def test_smoothed_begins_at_the_first_value_and_keeps_a_constant() -> None:
    assert smoothed([4.0, 0.0], 0.5) == pytest.approx([4.0, 4 / 3])
    assert smoothed([2.0] * 5, 0.99) == pytest.approx([2.0] * 5)


def test_figure_of_smoothed_curves_draws_the_raw_ones_faintly_below() -> None:
    info = compare_info("loss", {"a": series(3, 1, 2)}, lines("a", {"a": "<b>x</b>"}), smoothing=0.5)
    raw, smooth = compare_figure(info).data
    assert (raw.y, raw.hoverinfo) == ((3, 1, 2), "skip")
    assert smooth.name == "&lt;b&gt;x&lt;/b&gt;"


def test_figure_of_no_runs_is_empty() -> None:
    assert len(compare_figure(compare_info("loss", {}, ())).data) == 0
