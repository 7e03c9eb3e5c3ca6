import math

from dashboard.charts.compare import Line, View
from dashboard.charts.groups import groups_drawing, groups_figure, groups_info
from dashboard.charts.places import Axis
from trainer.statistics import Ends
from trainer.tracking import Series

ONE, OTHER = Line("a", "<b>one</b>, 2 runs", "#112233", "solid"), Line("c", "other", "#445566", "solid")


def course(*values: float, steps: tuple[int, ...] | None = None) -> Series:
    places = steps or tuple(range(1, len(values) + 1))
    return Series(steps=places, values=values, times=places)


def test_band_goes_as_far_as_all_runs_go_and_each_run_stays_visible() -> None:
    info = groups_info("loss", {"a": course(1.0, 3.0, 5.0), "b": course(3.0, 3.0)}, [(ONE, ("a", "b"))])
    (band,) = info.bands
    assert band.course.x.tolist() == [1, 2]
    assert (band.course.mean.tolist(), band.course.n.tolist()) == ([2.0, 3.0], [2, 2])
    assert band.course.ends == (2, 3)
    assert [member.y.tolist() for member in band.members] == [[1.0, 3.0, 5.0], [3.0, 3.0]]
    singles, _, _ = groups_figure(info).data
    assert [None if math.isnan(value) else value for value in singles.y] == [1.0, 3.0, 5.0, None, 3.0, 3.0, None]
    assert len(groups_drawing(info, singles=False).data) == 2


def test_run_alone_is_a_line_without_a_band_and_no_number_is_left_out() -> None:
    info = groups_info("loss", {"c": course(1.0, math.nan, 2.0)}, [(OTHER, ("c",))])
    assert info.bands[0].course.x.tolist() == [1, 3]
    (line,) = groups_figure(info).data
    assert list(line.y) == [1.0, 2.0]


def test_band_by_time_stands_at_the_mean_of_each_epochs_times() -> None:
    slow = Series(steps=(1, 2), values=(3.0, 1.0), times=(5_000, 9_000))
    fast = Series(steps=(1, 2), values=(1.0, 3.0), times=(2_000, 3_000))
    info = groups_info(
        "loss", {"a": slow, "b": fast}, [(ONE, ("a", "b"))], View(Axis.TIME), starts={"a": 1_000, "b": 1_000}
    )
    (band,) = info.bands
    assert band.course.x.tolist() == [2.5, 5.0]
    assert band.members[0].x.tolist() == [4.0, 8.0]
    assert groups_figure(info).layout.xaxis.title.text == "seconds since the start"


def test_band_is_smoothed_run_by_run() -> None:
    series = {"a": course(4.0, 0.0), "b": course(2.0, 2.0)}
    (band,) = groups_info("loss", series, [(ONE, ("a", "b"))], View(smoothing=0.5)).bands
    assert band.course.mean.round(3).tolist() == [3.0, round((4 / 3 + 2) / 2, 3)]


def test_group_without_the_metric_is_left_out_and_nothing_is_an_empty_figure() -> None:
    assert groups_info("loss", {}, [(ONE, ("a", "b"))]).bands == ()
    assert groups_info("loss", {"a": course(math.nan)}, [(ONE, ("a",))]).bands == ()
    assert not groups_figure(groups_info("loss", {}, [])).data


def test_step_that_was_logged_twice_counts_once_with_its_last_value() -> None:
    info = groups_info("loss", {"a": course(1.0, 2.0, steps=(1, 1)), "b": course(4.0)}, [(ONE, ("a", "b"))])
    assert info.bands[0].course.mean.tolist() == [3.0]


def test_name_is_shown_as_it_was_typed() -> None:
    figure = groups_figure(groups_info("loss", {"a": course(1.0, 2.0)}, [(ONE, ("a",))]))
    assert "<b>" not in figure.data[0].name


def test_mean_over_the_runs_that_are_there_ends_with_a_line_of_the_last_one() -> None:
    series = {"a": course(1.0, 3.0, 5.0), "b": course(3.0, 3.0)}
    info = groups_info("loss", series, [(ONE, ("a", "b"))], ends=Ends.PRESENT)
    assert info.bands[0].course.mean.tolist() == [2.0, 3.0, 5.0]
    _, _, mean, alone = groups_figure(info).data
    assert [list(each.y) for each in (mean, alone)] == [[2.0, 3.0], [3.0, 5.0]]
    assert list(alone.customdata) == [2, 1]


def test_wide_intervals_of_few_runs_do_not_flatten_the_lines() -> None:
    series = {"a": course(0.5, 0.9), "b": course(0.8, 0.9)}
    drawn = groups_figure(groups_info("accuracy", series, [(ONE, ("a", "b"))]))
    low, high = drawn.layout.yaxis.range
    assert min(drawn.data[1].y) < -1 < 0.2 < low < 0.5
    assert 0.9 < high < 1.15 < max(drawn.data[1].y)
    assert drawn.layout.meta == {"ranges": {ONE.run_id: [low, high]}}
    narrow = {"a": course(0.5, 0.9), "b": course(0.5, 0.9)}
    assert groups_figure(groups_info("accuracy", narrow, [(ONE, ("a", "b"))])).layout.yaxis.range is None


def test_group_that_is_isolated_on_an_axis_that_was_cut_has_a_range_of_its_own() -> None:
    wide = {"a": course(0.5, 0.9), "b": course(0.8, 0.9)}
    close, level = {"c": course(0.95, 0.97), "d": course(0.951, 0.971)}, {"e": course(0.25, 0.25)}
    third = ONE._replace(run_id="third")
    groups = [(ONE, tuple(wide)), (OTHER, tuple(close)), (third, tuple(level))]
    drawn = groups_figure(groups_info("accuracy", wide | close | level, groups))
    ranges = drawn.layout.meta["ranges"]
    low, high = ranges[ONE.run_id]
    assert 0.2 < low < 0.5 < 0.9 < high < 1.15
    low, high = ranges[OTHER.run_id]
    assert 0.94 < low < 0.95 < 0.971 < high < 0.99
    low, high = ranges["third"]
    assert 0.2 < low < 0.25 < high < 0.3
