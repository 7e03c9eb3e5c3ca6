import math

from dashboard.charts.compare import Line
from dashboard.charts.groups import groups_figure, groups_info
from trainer.tracking import Series

ONE, OTHER = Line("a", "<b>one</b>, 2 runs", "#112233", "solid"), Line("c", "other", "#445566", "solid")


def course(*values: float, steps: tuple[int, ...] | None = None) -> Series:
    places = steps or tuple(range(1, len(values) + 1))
    return Series(steps=places, values=values, times=places)


def test_band_holds_the_mean_of_the_runs_that_got_so_far() -> None:
    info = groups_info("loss", {"a": course(1.0, 3.0, 5.0), "b": course(3.0, 3.0)}, [(ONE, ("a", "b"))])
    (band,) = info.bands
    assert band.steps == (1, 2, 3)
    assert [(each.mean, each.n) for each in band.summaries] == [(2.0, 2), (3.0, 2), (5.0, 1)]
    assert len(groups_figure(info).data) == 2


def test_run_alone_is_a_line_without_a_band_and_no_number_is_left_out() -> None:
    info = groups_info("loss", {"c": course(1.0, math.nan, 2.0)}, [(OTHER, ("c",))])
    assert info.bands[0].steps == (1, 3)
    (line,) = groups_figure(info).data
    assert list(line.y) == [1.0, 2.0]


def test_group_without_the_metric_is_left_out_and_nothing_is_an_empty_figure() -> None:
    assert groups_info("loss", {}, [(ONE, ("a", "b"))]).bands == ()
    assert groups_info("loss", {"a": course(math.nan)}, [(ONE, ("a",))]).bands == ()
    assert not groups_figure(groups_info("loss", {}, [])).data


def test_step_that_was_logged_twice_counts_once_with_its_last_value() -> None:
    info = groups_info("loss", {"a": course(1.0, 2.0, steps=(1, 1)), "b": course(4.0)}, [(ONE, ("a", "b"))])
    assert info.bands[0].summaries[0].mean == 3.0


def test_name_is_shown_as_it_was_typed() -> None:
    figure = groups_figure(groups_info("loss", {"a": course(1.0, 2.0)}, [(ONE, ("a",))]))
    assert "<b>" not in figure.data[0].name
