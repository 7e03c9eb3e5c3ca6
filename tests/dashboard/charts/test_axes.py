import math

import pytest

from dashboard.charts.axes import plain_axis, step_axis, step_ticks, value_axis


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (1, 1, [1]),
        (1, 5, [1, 2, 3, 4, 5]),
        (0, 9, list(range(10))),
        (1, 17, [1, 5, 10, 17]),
        (1, 20, [1, 5, 10, 15, 20]),
        (1, 100, [1, 20, 40, 60, 80, 100]),
        (1, 12_345, [1, 5000, 12_345]),
        (400, 433, [400, 410, 420, 433]),
    ],
)
def test_step_ticks_have_the_first_and_the_last_step_and_round_ones_between(first, last, ticks):
    assert step_ticks(first, last) == ticks


def test_step_ticks_of_any_length_are_few_and_far_enough_apart():
    for last in range(1, 3000):
        ticks = step_ticks(1, last)
        assert (ticks[0], ticks[-1]) == (1, last)
        assert len(ticks) <= 10
        assert ticks == sorted(set(ticks))


def test_step_axis_leaves_room_around_the_first_and_last_points():
    layout = step_axis([1.0, 100.0], "epoch")
    assert layout["range"][0] < 1 < 100 < layout["range"][1]
    assert layout["title"]["text"] == "epoch"


def test_step_axis_of_one_point_is_centred_on_it():
    layout = step_axis([1], "epoch")
    assert (layout["range"], layout["tickvals"]) == ([0.5, 1.5], [1])


def test_step_axis_of_a_first_epoch_under_way_goes_to_its_end():
    layout = step_axis([0.3], "epoch")
    assert layout["tickvals"] == [0, 1]
    assert layout["range"][0] < 0 < 1 < layout["range"][1]


def test_step_axis_ticks_no_epoch_under_way():
    layout = step_axis([1, 5, 5.6], "epoch")
    assert layout["tickvals"] == [1, 2, 3, 4, 5]
    assert layout["range"][1] > 5.6


@pytest.mark.parametrize("places", [[], [math.nan], [math.inf, -math.inf]])
@pytest.mark.parametrize("axis", [step_axis, plain_axis])
@pytest.mark.parametrize("log", [False, True])
def test_axis_without_places_leaves_its_range_to_plotly(places, axis, log):
    assert "range" not in axis(places, "epoch", log=log)


@pytest.mark.parametrize("axis", [step_axis, plain_axis])
def test_logarithmic_axis_ranges_over_exponents_of_what_is_above_zero(axis):
    layout = axis([0, 1, 1000], "epoch", log=True)
    assert layout["type"] == "log"
    assert layout["range"] == pytest.approx([-0.09, 3.09])


def test_value_axis_is_logarithmic_only_if_asked():
    assert value_axis(log=True)["type"] == "log"
    assert "type" not in value_axis()
