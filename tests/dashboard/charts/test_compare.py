import math
from collections import Counter

import pytest

from dashboard.charts.colors import PALETTE, run_color
from dashboard.charts.compare import (
    Line,
    View,
    compare_drawing,
    compare_figure,
    compare_info,
    distinct,
    lines,
    most_points,
)
from dashboard.charts.places import Axis
from dashboard.charts.smoothing import smoothed
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


def shared(*colors: str) -> tuple[Line, ...]:
    """Lines named a, b, … with these colours."""
    return tuple(Line(name, name, color, "solid") for name, color in zip("abcdefghijkl", colors, strict=False))


def test_distinct_lines_have_a_colour_each_and_the_first_of_those_that_share_one_keeps_it() -> None:
    found = distinct(shared(PALETTE[1], PALETTE[1], PALETTE[0], PALETTE[1]))
    assert [line.color for line in found] == [PALETTE[1], PALETTE[2], PALETTE[0], PALETTE[3]]
    assert {line.dash for line in found} == {"solid"}


def test_distinct_lines_keep_the_colours_that_a_person_chose() -> None:
    found = distinct(shared("#123456", PALETTE[0], PALETTE[0], PALETTE[0]), ["a", "c", "d"])
    assert [line.color for line in found] == ["#123456", PALETTE[1], PALETTE[0], PALETTE[0]]
    assert [line.dash for line in found] == ["solid", "solid", "solid", "dash"]


def test_distinct_lines_beyond_the_palette_differ_by_dash() -> None:
    found = distinct(shared(*[PALETTE[0]] * (len(PALETTE) + 2)))
    assert sorted(Counter(line.color for line in found).values()) == [1] * (len(PALETTE) - 2) + [2, 2]
    assert len({(line.color, line.dash) for line in found}) == len(found)


def test_info_by_epoch_has_the_steps_of_every_run_that_has_the_metric() -> None:
    info = compare_info("loss", {"a": series(3, 2, 1), "c": series()}, lines("abc", {"a": "first"}))
    assert [(curve.line.label, curve.x.tolist(), curve.y.tolist()) for curve in info.curves] == [
        ("first", [1, 2, 3], [3, 2, 1])
    ]
    assert (info.points, info.drawn) == (3, 3)


def test_info_by_time_counts_seconds_from_the_start_or_else_the_first_point() -> None:
    both = {"a": series(3, 2), "b": series(3, 2)}
    info = compare_info("loss", both, lines("ab", {}), View(Axis.TIME), starts={"a": 1_000})
    assert [curve.x.tolist() for curve in info.curves] == [[2, 4], [0, 2]]


def test_info_of_values_that_are_no_numbers_marks_where_each_row_of_them_begins() -> None:
    values = (2.0, math.nan, math.nan, 1.0, math.inf, 1.7976931348623157e308, -math.inf)
    info = compare_info("loss", {"a": series(*values)}, lines("a", {}))
    (curve,) = info.curves
    assert info.drawn == info.points == 7
    assert curve.y.tolist() == [2, 1]
    assert [(point.x, point.y, point.words) for point in curve.breaks] == [(2, 2.0, "NaN"), (5, 1.0, "∞")]


def test_info_of_nothing_but_nan_draws_the_mark_alone() -> None:
    info = compare_info("loss", {"a": series(math.nan)}, lines("a", {}))
    assert not len(info.curves[0].x)
    assert compare_figure(info).data[-1].text == ("NaN",)


def test_info_of_many_points_keeps_the_peak_and_tells_how_many_there_are() -> None:
    values = [0.0] * 50_000
    values[31_234] = 9.0
    info = compare_info("loss", {"a": series(*values)}, lines("a", {}), View(smoothing=0.9))
    assert info.points == 50_000
    assert info.drawn <= 4_000
    assert max(info.curves[0].y) == 9.0


def test_smoothed_begins_at_the_first_value_and_keeps_a_constant() -> None:
    assert smoothed([4.0, 0.0], 0.5) == pytest.approx([4.0, 4 / 3])
    assert smoothed([2.0] * 5, 0.99) == pytest.approx([2.0] * 5)


def test_figure_of_smoothed_curves_draws_the_raw_ones_faintly_below() -> None:
    info = compare_info("loss", {"a": series(3, 1, 2)}, lines("a", {"a": "<b>x</b>"}), View(smoothing=0.5))
    raw, smooth = compare_figure(info).data
    assert (list(raw.y), raw.hoverinfo) == ([3, 1, 2], "skip")
    assert smooth.name == "&lt;b&gt;x&lt;/b&gt;"


def test_figure_of_no_runs_is_empty() -> None:
    assert len(compare_figure(compare_info("loss", {}, ())).data) == 0


def test_info_by_time_of_day_is_on_the_clock_of_the_person_who_looks() -> None:
    noon = 12 * 3_600_000
    info = compare_info("loss", {"a": series(3, 2, start=noon)}, lines("a", {}), View(Axis.CLOCK, east=90))
    assert info.curves[0].x.tolist() == [noon + 90 * 60_000 + 2_000, noon + 90 * 60_000 + 4_000]
    layout = compare_drawing(info, east=90).figure().layout
    assert (layout.xaxis.type, layout.xaxis.title.text) == ("date", "time of day (UTC+1:30)")


def test_zoom_draws_every_point_that_it_shows() -> None:
    values = [math.sin(place) for place in range(50_000)]
    whole = compare_info("loss", {"a": series(*values)}, lines("a", {}))
    zoomed = compare_info("loss", {"a": series(*values)}, lines("a", {}), View(window=(20_000, 21_000)))
    assert whole.drawn < zoomed.drawn < 2 * most_points(1) + 10
    assert set(range(20_000, 21_001)) <= set(zoomed.curves[0].x.tolist())


@pytest.mark.parametrize(("value", "shown"), [(0.5, "%{y:.9~g}"), (0.1, "%{y:.16~g}")])
def test_pointer_shows_the_exact_value_and_what_sets_the_run_apart(value: float, shown: str) -> None:
    (line,) = lines("a", {"a": "first"}, details={"a": "lr <0.1> %{x}"})
    (trace,) = compare_figure(compare_info("loss", {"a": series(value, value)}, [line])).data
    assert trace.hovertemplate == f"{shown} · lr &lt;0.1&gt; % {{x}}"
    (plain,) = compare_figure(compare_info("loss", {"a": series(value, value)}, lines("a", {}))).data
    assert plain.hovertemplate == shown


def test_pointer_on_a_smoothed_curve_shows_the_logged_value_too() -> None:
    info = compare_info("loss", {"a": series(3, 1, 2)}, lines("a", {}), View(smoothing=0.5))
    _, smooth = compare_figure(info).data
    assert smooth.customdata.tolist() == [3, 1, 2]
    assert smooth.hovertemplate == "%{y:.5~g}, logged %{customdata:.9~g}"


def test_points_of_a_chart_are_bounded_however_many_runs_share_them() -> None:
    values = [math.sin(place / 9) for place in range(1_000)]
    runs = [f"run {index}" for index in range(500)]
    info = compare_info("loss", dict.fromkeys(runs, series(*values)), lines(runs, {}))
    assert info.points == 500_000
    assert info.drawn <= 500 * most_points(500)
    # Two charts of 500 runs must fit in 3 MB, of numbers that take 64 bits.
    assert len(compare_drawing(info).to_json()) < 1_500_000
