import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.statistics import Ends, count_words, course_of, summarize

RUN = st.dictionaries(st.integers(1, 12), st.floats(-1e6, 1e6) | st.just(math.nan), max_size=12)
RUNS = st.lists(RUN, max_size=5)


def points(run: dict[int, float]) -> tuple[list[int], list[float], list[int]]:
    steps = sorted(run)
    return steps, [run[step] for step in steps], steps


def course(runs: list[dict[int, float]], ends: Ends = Ends.ALL):
    return course_of([points(run) for run in runs], ends)


UNEQUAL = [{1: 1.0, 2: 0.5}, {1: 3.0, 2: 2.5, 3: 9.0}, {1: 2.0, 2: 1.5, 3: 8.0, 4: 9.0}]


def test_course_goes_as_far_as_all_runs_go_and_says_where_each_ends() -> None:
    """Two runs stopped early, the better ones: a mean over the survivors would jump."""
    found = course(UNEQUAL)
    assert found.steps.tolist() == [1, 2]
    assert (found.mean.tolist(), found.n.tolist()) == ([2.0, 1.5], [3, 3])
    assert found.ends == (2, 3, 4)
    assert count_words(found.ends) == "n 3 to epoch 2, 2 to epoch 3, 1 to epoch 4"


def test_course_of_carried_values_has_all_runs_to_the_end() -> None:
    found = course(UNEQUAL, Ends.CARRIED)
    assert found.steps.tolist() == [1, 2, 3, 4]
    assert found.n.tolist() == [3] * 4
    assert found.mean.tolist() == pytest.approx([2.0, 1.5, (0.5 + 9 + 8) / 3, (0.5 + 9 + 9) / 3])
    assert count_words(found.ends) == "n 3 to epoch 2, 2 to epoch 3, 1 to epoch 4"


def test_course_of_those_that_are_there_has_fewer_runs_at_the_end() -> None:
    found = course(UNEQUAL, Ends.PRESENT)
    assert found.n.tolist() == [3, 3, 2, 1]
    assert found.mean.tolist() == [2.0, 1.5, 8.5, 9.0]
    assert np.isnan(found.low).tolist() == [False, False, False, True]


def test_run_that_diverges_ends_there() -> None:
    found = course([{1: 1.0, 2: math.nan, 3: math.inf}, {1: 3.0, 2: 2.0, 3: 1.0}])
    assert found.steps.tolist() == [1]
    assert count_words(found.ends) == "n 2 to epoch 1, 1 to epoch 3"


@pytest.mark.parametrize("ends", Ends)
def test_step_that_a_run_left_out_has_no_mean_but_does_not_end_it(ends: Ends) -> None:
    found = course([{1: 1.0, 3: 1.0}, {1: 3.0, 2: 9.0, 3: 3.0}], ends)
    assert found.steps.tolist() == [1, 3]
    assert count_words(found.ends) == "n 2"


@pytest.mark.parametrize("ends", Ends)
def test_run_without_values_does_not_count(ends: Ends) -> None:
    assert course([{}, {1: math.nan}, {1: 4.0}], ends).n.tolist() == [1]
    assert course([{}], ends).steps.tolist() == course([], ends).steps.tolist() == []
    assert count_words(()) == "n 0"


def test_step_that_was_logged_twice_counts_with_its_last_value_and_places_are_averaged() -> None:
    found = course_of([([1, 1, 2], [9.0, 1.0, 5.0], [10, 20, 30]), ([2, 1], [7.0, 3.0], [50, 40])])
    assert found.mean.tolist() == [2.0, 6.0]
    assert found.x.tolist() == [30.0, 40.0]


@given(RUNS)
def test_number_of_runs_is_the_same_all_along_a_course(runs: list[dict[int, float]]) -> None:
    found = course(runs)
    assert {*found.n.tolist()} <= {len(found.ends)}
    assert all(step <= found.ends[0] for step in found.steps)
    assert {*course(runs, Ends.CARRIED).n.tolist()} <= {len(found.ends)}


@given(RUNS)
def test_number_of_runs_only_falls_where_a_run_ends(runs: list[dict[int, float]]) -> None:
    found = course(runs, Ends.PRESENT)
    assert found.n.tolist() == [sum(end >= step for end in found.ends) for step in found.steps]


@given(RUNS, st.sampled_from(Ends), st.randoms())
def test_no_number_depends_on_the_order_of_the_runs(runs, ends, random) -> None:
    mixed = random.sample(runs, len(runs))
    for one, other in zip(course(runs, ends), course(mixed, ends), strict=True):
        np.testing.assert_array_equal(one, other)


@given(RUNS)
def test_means_and_intervals_are_those_of_a_summary(runs: list[dict[int, float]]) -> None:
    found = course(runs, Ends.PRESENT)
    for place, step in enumerate(found.steps.tolist()):
        summary = summarize(run[step] for run in runs if math.isfinite(run.get(step, math.nan)))
        assert summary is not None
        assert found.mean[place] == pytest.approx(summary.mean, rel=1e-9, abs=1e-6)
        if summary.low is not None:
            assert found.low[place] == pytest.approx(summary.low, rel=1e-6, abs=1e-5)
            assert found.high[place] == pytest.approx(summary.high, rel=1e-6, abs=1e-5)


@given(RUNS, st.sampled_from(Ends))
def test_numbers_of_drawn_steps_do_not_depend_on_which_are_drawn(runs: list[dict[int, float]], ends: Ends) -> None:
    found = course(runs, ends)
    kept = np.arange(0, len(found.steps), 2)
    np.testing.assert_array_equal(found.at(kept).mean, found.mean[::2])
    assert found.at(kept).ends == found.ends
