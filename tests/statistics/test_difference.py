import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from trainer.statistics import MeanDifference, more_runs, paired, resampled, welch

SIDE = st.lists(st.floats(-1e3, 1e3).map(lambda value: round(value, 3)), min_size=2, max_size=8)
ALPHAS = st.sampled_from([0.001, 0.01, 0.05, 0.2, 0.5])

# Student's sleep data (1908): extra hours with two drugs, of the same ten patients.
FIRST_DRUG = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND_DRUG = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def known(difference: MeanDifference | None) -> MeanDifference:
    assert difference is not None
    return difference


def test_welch_gives_the_published_numbers_of_the_sleep_data() -> None:
    """As R's documentation of t.test prints them."""
    found = known(welch(FIRST_DRUG, SECOND_DRUG))
    assert found.estimate == pytest.approx(-1.58)
    assert found.freedom == pytest.approx(17.776, abs=5e-4)
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert found.interval() == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_pairs_give_the_published_numbers_of_the_sleep_data() -> None:
    found = known(paired(FIRST_DRUG, SECOND_DRUG))
    assert (found.freedom, found.p) == (9, pytest.approx(0.002833, abs=5e-7))
    assert found.interval() == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)


@given(SIDE, SIDE, ALPHAS)
def test_welch_is_that_of_scipy(first: list[float], second: list[float], alpha: float) -> None:
    found = known(welch(first, second))
    if found.error < 1e-6 or min(len(set(first)), len(set(second))) < 2:
        return  # SciPy warns of equal values
    other = stats.ttest_ind(first, second, equal_var=False)
    assert found.p == pytest.approx(other.pvalue, rel=1e-6, abs=1e-12)
    assert found.interval(alpha) == pytest.approx(tuple(other.confidence_interval(1 - alpha)), rel=1e-6, abs=1e-6)


@given(SIDE, SIDE, ALPHAS)
def test_interval_excludes_zero_exactly_where_p_is_small(first: list[float], second: list[float], alpha: float) -> None:
    size = min(len(first), len(second))
    sides = (welch(first, second), paired(first[:size], second[:size]))
    for found in map(known, sides):
        low, high = found.interval(alpha)
        if abs(found.p - alpha) > 1e-9:
            assert (low > 0 or high < 0) == (found.p < alpha)


@given(SIDE, SIDE)
def test_sides_exchanged_give_the_negative(first: list[float], second: list[float]) -> None:
    one, other = known(welch(first, second)), known(welch(second, first))
    assert one.estimate == -other.estimate
    assert one.p == pytest.approx(other.p)


def test_random_splits_of_the_same_samples_claim_rarely_what_is_not_there() -> None:
    """Two regressions, each on one of two equally good features, on eight splits of each of 1,000 sets of samples."""
    random, samples, held, claims = np.random.default_rng(0), 40, 10, {"plain": 0, "corrected": 0}
    for _ in range(1_000):
        features, noise = random.normal(size=(2, samples)), random.normal(size=samples)
        y = features.sum(axis=0) + noise
        losses: list[list[float]] = [[], []]
        for _ in range(8):
            order = random.permutation(samples)
            test, train = order[:held], order[held:]
            for x, found in zip(features, losses, strict=True):
                slope = x[train] @ y[train] / (x[train] @ x[train])
                found.append(float(((y[test] - slope * x[test]) ** 2).mean()))
        claims["plain"] += known(paired(*losses)).p < 0.05
        claims["corrected"] += known(resampled(*losses, test_samples=held, training_samples=samples - held)).p < 0.05
    assert claims["plain"] > 200
    assert claims["corrected"] <= 50


def test_folds_of_the_same_samples_claim_rarely_what_is_not_there() -> None:
    """Two regressions, each on one of two equally good features, on eight folds of each of 1,000 sets of samples."""
    random, samples, folds, claims = np.random.default_rng(0), 40, 8, {"plain": 0, "corrected": 0}
    for _ in range(1_000):
        features, noise = random.normal(size=(2, samples)), random.normal(size=samples)
        y = features.sum(axis=0) + noise
        losses: list[list[float]] = [[], []]
        for test in np.split(random.permutation(samples), folds):
            train = np.setdiff1d(np.arange(samples), test)
            for x, found in zip(features, losses, strict=True):
                slope = x[train] @ y[train] / (x[train] @ x[train])
                found.append(float(((y[test] - slope * x[test]) ** 2).mean()))
        claims["plain"] += known(paired(*losses)).p < 0.05
        claims["corrected"] += known(resampled(*losses, test_samples=1, training_samples=folds - 1)).p < 0.05
    assert claims["corrected"] <= 50 < claims["plain"]


def test_folds_that_share_training_data_count_less() -> None:
    """The correction of Nadeau and Bengio: the variance times 1/k + n_test/n_train."""
    first, second = [0.81, 0.79, 0.84, 0.80, 0.82], [0.78, 0.77, 0.80, 0.79, 0.78]
    found = known(resampled(first, second, test_samples=20, training_samples=80))
    plain = known(paired(first, second))
    assert found.error == pytest.approx(plain.error * math.sqrt((1 / 5 + 20 / 80) / (1 / 5)))
    assert found.freedom == 4
    assert found.p > plain.p


def test_sides_that_do_not_vary_are_told_apart_only_by_many_runs() -> None:
    """Three equal values on each side are no measure of spread: chance gives them to equal configs too."""
    few, many = known(welch([1.0] * 3, [0.9] * 3)), known(welch([1.0] * 4, [0.9] * 4))
    assert few.p == pytest.approx(0.1)
    assert few.interval() == (-math.inf, math.inf)
    assert many.p == pytest.approx(2 / 70)
    assert many.interval() == pytest.approx((0.1, 0.1))
    assert known(welch([0.5] * 3, [0.5] * 3)).interval() == (0, 0)
    assert known(resampled([1.0] * 9, [0.5] * 9, test_samples=1, training_samples=8)).p == 1


@pytest.mark.parametrize(
    ("first", "second"), [([1.0], [1.0, 2.0]), ([], []), ([1.0, math.nan], [1.0, 2.0]), ([1.0, 2.0], [math.inf, 1.0])]
)
def test_too_few_or_infinite_values_have_no_difference(first: list[float], second: list[float]) -> None:
    assert welch(first, second) is None
    if len(first) == len(second):
        assert paired(first, second) is None


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        paired([1.0, 2.0], [1.0, 2.0, 3.0])


def test_more_runs_follow_from_the_power_of_the_test() -> None:
    """Cohen (1988): an effect of 0.5 takes 64 on each side, one of 0.8 takes 26."""
    for effect, needed in ((0.5, 64), (0.8, 26)):
        found = MeanDifference(
            estimate=effect, error=1, freedom=8, n=(5, 5), spread=1, method=known(welch([0, 1], [0, 1])).method
        )
        assert more_runs(found) == needed - 5


@pytest.mark.parametrize(
    "found",
    [
        welch([1.0, 2.0], [2.0, 3.0]),
        welch([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        welch([1.0] * 3, [2.0] * 3),
        welch([1e-9, 1.0, -1.0], [0.0, 1.0, -1.0]),
        resampled([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], test_samples=1, training_samples=2),
    ],
)
def test_more_runs_are_unknown_where_nothing_can_be_planned(found: MeanDifference) -> None:
    assert more_runs(found) is None
