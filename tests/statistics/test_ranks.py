import numpy as np
import pytest

from trainer.statistics import mean_ranks, superiority

# Demšar (2006), table 6: the AUC of four variants of C4.5 on fourteen datasets. The 0.9751 is printed as 0.975, but
# ranked before the other 0.975.
DEMSAR = {
    "C4.5": [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.0, 0.940, 0.619, 0.972, 0.957],
    "C4.5+m": [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.0, 0.962, 0.666, 0.981, 0.978],
    "C4.5+cf": [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.0, 0.965, 0.614, 0.9751, 0.946],
    "C4.5+m+cf": [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.0, 0.962, 0.669, 0.975, 0.970],
}


def test_ranks_are_those_that_demsar_published() -> None:
    found = mean_ranks(DEMSAR, higher_is_better=True)
    assert found is not None
    assert list(found.ranks.values()) == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    squares = sum(rank**2 for rank in found.ranks.values())
    assert 12 * 14 / (4 * 5) * (squares - 4 * 5**2 / 4) == pytest.approx(9.28, abs=0.005)
    assert found.p == pytest.approx(0.0167, abs=5e-5)  # with the correction for ties, which he leaves out
    assert found.critical == pytest.approx(1.25, abs=0.005)


def test_few_datasets_or_methods_have_ranks_but_no_test() -> None:
    found = mean_ranks({"a": [0.9, 0.8], "b": [0.7, 0.9], "c": [0.1, 0.1]}, higher_is_better=False)
    assert found is not None
    assert found.ranks == {"a": 2.5, "b": 2.5, "c": 1.0}
    assert (found.p, found.critical) == (None, None)
    two = mean_ranks({"a": [1.0] * 6, "b": [2.0] * 6}, higher_is_better=True)
    assert two is not None
    assert two.p is None


def test_methods_that_tie_everywhere_are_equal() -> None:
    found = mean_ranks({name: [1.0] * 6 for name in "abc"}, higher_is_better=True)
    assert found is not None
    assert (set(found.ranks.values()), found.p) == ({2.0}, 1.0)


def test_ranks_need_two_methods_with_finite_values_on_the_same_datasets() -> None:
    assert mean_ranks({"a": [1.0]}, higher_is_better=True) is None
    assert mean_ranks({}, higher_is_better=True) is None
    assert mean_ranks({"a": [1.0, np.nan], "b": [1.0, 2.0]}, higher_is_better=True) is None
    with pytest.raises(ValueError, match="every dataset"):
        mean_ranks({"a": [1.0], "b": [1.0, 2.0]}, higher_is_better=True)


def test_superiority_is_the_share_of_pairs_that_the_first_side_wins() -> None:
    found = superiority([0.9, 0.8], [0.85, 0.8], higher_is_better=True)
    assert found is not None
    assert (found.probability, found.low) == (0.625, None)
    lower = superiority([0.9, 0.8], [0.85, 0.8], higher_is_better=False)
    assert lower is not None
    assert lower.probability == 0.375
    assert superiority([np.nan], [1.0], higher_is_better=True) is None


def test_superiority_has_an_interval_from_five_runs_on() -> None:
    random = np.random.default_rng(0)
    found = superiority(list(random.normal(0, 1, 20)), list(random.normal(1, 1, 20)), higher_is_better=True)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.probability < found.high < 0.5
