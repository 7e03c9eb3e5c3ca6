import math

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.thinning import thinned
from trainer.tracking import Series


def series(values):
    return Series(steps=range(1, len(values) + 1), values=values, times=range(len(values)))


@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=400), st.integers(10, 50))
def test_thinned_keeps_ends_extremes_and_order(values, most):
    kept = thinned(series(values), most)
    assert len(kept.values) <= max(most, 1)
    assert (kept.steps[0], kept.steps[-1]) == (1, len(values))
    assert list(kept.steps) == sorted(set(kept.steps))
    finite = [value for value in values if not math.isnan(value)]
    if finite:
        assert {min(finite), max(finite)} <= set(kept.values)


def test_thinned_leaves_short_series_alone():
    short = series([1.0, 2.0])
    assert thinned(short) is short


def test_thinned_keeps_a_single_peak_among_many():
    values = [0.0] * 100_000
    values[54_321] = 7.0
    kept = thinned(series(values))
    assert max(kept.values) == 7.0
    assert kept.steps[list(kept.values).index(7.0)] == 54_322
