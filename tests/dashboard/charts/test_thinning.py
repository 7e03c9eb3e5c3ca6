import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.thinning import MOST_POINTS, kept_points, kept_within, thinned
from trainer.tracking import Series

VALUES = st.lists(st.floats(width=64) | st.just(math.nan), min_size=1, max_size=400)
MOST = st.integers(8, 60)


@given(VALUES, MOST)
def test_kept_points_are_both_ends_and_every_extreme_in_order(values, most):
    kept = kept_points(values, most).tolist()
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert kept == sorted(set(kept))
    finite = [value for value in values if abs(value) < 1.797e308]
    drawn = {values[place] for place in kept}
    assert {*(finite and (min(finite), max(finite)))} <= drawn


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=400), MOST)
def test_kept_points_are_at_most_as_many_as_asked_for(values, most):
    assert len(kept_points(values, most)) <= max(most, 1)


@given(st.lists(st.floats(-1e9, 1e9), min_size=40, max_size=400), MOST)
def test_kept_points_have_the_lowest_and_highest_of_each_part(values, most):
    kept = set(kept_points(values, most).tolist())
    if len(values) <= most:
        return
    # Where the parts begin is tsdownsample's own; wherever it is, each stretch of two parts holds a whole one.
    size = 2 * math.ceil(len(values) / (most // 4))
    for start in range(0, len(values) - size, size):
        inside = [values[place] for place in range(start, start + size) if place in kept]
        stretch = values[start : start + size]
        middle = stretch[size // 4 : -size // 4]
        assert min(inside) <= max(middle)
        assert max(inside) >= min(middle)


@given(VALUES, MOST)
def test_kept_points_break_the_line_in_every_part_that_has_a_gap(values, most):
    kept = kept_points(values, most).tolist()
    gaps = [place for place, value in enumerate(values) if not abs(value) < 1.797e308]
    assert bool(gaps) == any(not abs(values[place]) < 1.797e308 for place in kept)
    assert len(kept) <= most + most // 4 + 2 or len(values) <= most


@given(VALUES, MOST, st.floats(-10, 420), st.floats(0, 100))
def test_window_keeps_what_the_whole_chart_keeps_and_more_inside(values, most, first, width):
    places, numbers = np.arange(len(values), dtype=float), np.array(values)
    whole = set(kept_points(numbers, most).tolist())
    kept = set(kept_within(places, numbers, (first, first + width), most).tolist())
    inside = [place for place in range(len(values)) if first <= place <= first + width]
    assert whole <= kept
    assert len(inside) + 2 > most or set(inside) <= kept


def test_short_series_is_kept_whole():
    assert kept_points([1.0, math.nan, 2.0]).tolist() == [0, 1, 2]
    assert kept_points([]).tolist() == []


def test_single_peak_and_a_single_gap_among_many_are_kept():
    values = [0.0] * 100_000
    values[54_321], values[70_000] = 7.0, math.nan
    kept = kept_points(values).tolist()
    assert {54_321, 70_000} <= set(kept)
    assert len(kept) <= MOST_POINTS + 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_nowhere_finite_are_one_gap(value):
    assert kept_points([value] * 5_000).tolist() == [0, 4_999]


def test_thinned_history_has_the_kept_points_with_their_steps_and_times():
    values = [math.sin(place) for place in range(500)]
    kept = kept_points(values, 40).tolist()
    found = thinned(Series(steps=range(1, 501), values=values, times=range(500)), 40)
    assert (found.steps, found.times) == ([place + 1 for place in kept], kept)
    assert found.values == [values[place] for place in kept]
    assert thinned(found, 400) is found
