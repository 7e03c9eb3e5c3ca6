import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.statistics import Summary, summarize, summarize_all

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


@given(NUMBERS)
def test_interval_holds_the_mean_and_the_mean_lies_among_the_values(values: list[float]) -> None:
    summary = summarize(values)
    assert summary is not None
    assert min(values) <= summary.mean <= max(values)
    assert summary.low is not None
    assert summary.high is not None
    assert summary.low <= summary.mean <= summary.high
    assert summary.n == len(values)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_order_does_not_matter(values: list[float], random: object) -> None:
    shuffled = sorted(values, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert summarize(shuffled) == pytest.approx(summarize(values), rel=1e-9, abs=1e-9)


@given(st.floats(-1e6, 1e6), st.integers(2, 40))
def test_equal_values_have_no_spread(value: float, count: int) -> None:
    assert summarize([value] * count) == Summary(value, 0.0, value, value, count)


@pytest.mark.parametrize("count", [*range(2, 16), 20, 50, 200])
def test_interval_is_that_of_scipy(count: int) -> None:
    from scipy import stats  # type: ignore[import-untyped]

    values = [math.sin(7 * index) for index in range(count)]
    summary = summarize(values)
    assert summary is not None
    low, high = stats.t.interval(0.95, count - 1, loc=summary.mean, scale=stats.sem(values))
    assert (summary.low, summary.high) == pytest.approx((low, high), rel=1e-5)


def test_one_value_has_no_interval_and_none_no_summary() -> None:
    assert summarize([0.5]) == Summary(0.5, None, None, None, 1)
    assert summarize([math.nan, math.inf]) is None
    assert summarize([]) is None


def test_every_result_is_summarized_over_the_runs_that_have_it() -> None:
    runs = [{"loss": 1.0}, {"loss": 3.0, "accuracy": 0.5}]
    found = summarize_all(runs)
    assert list(found) == ["accuracy", "loss"]
    assert found["loss"].mean == 2.0
    assert found["accuracy"].n == 1
