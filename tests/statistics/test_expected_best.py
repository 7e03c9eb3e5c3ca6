"""The expected best against enumeration of all draws."""

import itertools

import numpy as np
import pytest

from trainer.statistics import expected_best


@pytest.mark.parametrize("higher", [True, False])
def test_estimate_is_the_mean_over_all_draws(higher: bool) -> None:
    results = [0.2, 0.9, 0.4, 0.4, 0.7, 0.1]
    best = max if higher else min
    for found in expected_best(results, higher_is_better=higher):
        draws = [best(draw) for draw in itertools.product(results, repeat=found.trials)]
        assert found.value == pytest.approx(np.mean(draws))
        assert found.low <= found.value <= found.high


def test_estimate_reaches_to_half_of_the_trials_and_only_improves() -> None:
    results = np.random.default_rng(1).normal(size=21).tolist()
    found = expected_best(results, higher_is_better=True)
    assert [each.trials for each in found] == list(range(1, 11))
    assert all(one.value < other.value for one, other in itertools.pairwise(found))
    assert found == expected_best(results[::-1], higher_is_better=True), "the order of trials does not matter"


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random, hits = np.random.default_rng(2), 0
    # The expected maximum of five uniform draws is 5/6.
    for _ in range(60):
        found = expected_best(random.uniform(size=40).tolist(), higher_is_better=True)[4]
        hits += found.low <= 5 / 6 <= found.high
    assert hits >= 48


def test_failed_trials_count_as_the_worst_and_few_trials_give_nothing() -> None:
    whole = expected_best([0.1, 0.1, 0.5, 0.9], higher_is_better=True)
    spoiled = expected_best([float("nan"), 0.1, 0.5, 0.9, 0.1], higher_is_better=True)
    assert spoiled[0].value < whole[0].value
    assert expected_best([0.1, 0.2, 0.3], higher_is_better=True) == ()
