import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from trainer.statistics import Disagreement, findings, mcnemar, paired_bootstrap, verdict_words

ALPHAS = st.sampled_from([0.001, 0.01, 0.05, 0.2])


def test_mcnemar_counts_the_samples_that_one_alone_got_right() -> None:
    first, second = [True, True, False, True, False], [True, False, True, False, False]
    assert mcnemar(first, second) == Disagreement(only_first=2, only_second=1, samples=5)
    assert mcnemar([], []) is None
    with pytest.raises(ValueError, match="same test samples"):
        mcnemar([True], [True, False])


def test_mcnemar_gives_the_published_p() -> None:
    """The approval ratings of Agresti (1990, p. 350): 150 and 86 disagreements of 1,600."""
    found = Disagreement(only_first=150, only_second=86, samples=1600)
    assert found.estimate == 0.04
    assert found.p == pytest.approx(stats.binomtest(86, 236).pvalue)
    assert found.p == pytest.approx(3.7e-5, rel=0.05)
    low, high = found.interval()
    assert 0.02 < low < 0.04 < high < 0.06


@given(st.integers(0, 40), st.integers(0, 40), ALPHAS)
def test_mcnemar_interval_excludes_zero_exactly_where_p_is_small(one: int, other: int, alpha: float) -> None:
    found = Disagreement(only_first=one, only_second=other, samples=100)
    low, high = found.interval(alpha)
    assert low <= found.estimate <= high
    if abs(found.p - alpha) > 1e-9:
        assert (low > 0 or high < 0) == (found.p < alpha)


def test_classifiers_that_agree_everywhere_cannot_be_told_apart() -> None:
    (found,) = findings([mcnemar([True, False], [True, False])])
    assert found is not None
    assert (found.p, found.is_real) == (1, False)
    assert verdict_words(found, higher_is_better=True) == "cannot be told apart"


@given(st.integers(0, 2**31), st.floats(-0.3, 0.3), ALPHAS)
def test_bootstrap_interval_excludes_zero_exactly_where_p_is_small(seed: int, shift: float, alpha: float) -> None:
    random = np.random.default_rng(seed)
    first = random.exponential(1, 60)
    found = paired_bootstrap(first, first + random.normal(shift, 0.5, 60))
    assert found is not None
    low, high = found.interval(alpha)
    assert low <= high
    if abs(found.p - alpha) > 1e-3:
        assert (low > 0 or high < 0) == (found.p < alpha)


def test_bootstrap_is_close_to_student_on_many_normal_losses() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(1, 0.3, 400), random.normal(0.95, 0.3, 400)
    found = paired_bootstrap(first, second)
    assert found is not None
    student = stats.ttest_rel(first, second)
    assert found.interval() == pytest.approx(tuple(student.confidence_interval()), abs=0.003)
    assert found.p == pytest.approx(student.pvalue, abs=0.01)


def test_bootstrap_needs_two_finite_losses() -> None:
    assert paired_bootstrap([1.0], [2.0]) is None
    assert paired_bootstrap([1.0, np.nan], [2.0, 1.0]) is None
