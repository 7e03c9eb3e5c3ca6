import math

from hypothesis import given
from hypothesis import strategies as st

from trainer.statistics import count_words, course_of

RUN = st.dictionaries(st.integers(1, 12), st.floats(-1e6, 1e6) | st.just(math.nan), max_size=12)


def test_course_goes_as_far_as_all_runs_go_and_says_where_each_ends() -> None:
    """Two runs stopped early, the better ones: a mean over the survivors would jump."""
    course = course_of([{1: 1.0, 2: 0.5}, {1: 3.0, 2: 2.5, 3: 9.0}, {1: 2.0, 2: 1.5, 3: 8.0, 4: 9.0}])
    assert course.steps == (1, 2)
    assert [(each.mean, each.n) for each in course.summaries] == [(2.0, 3), (1.5, 3)]
    assert course.ends == (2, 3, 4)
    assert count_words(course.ends) == "n 3 to epoch 2, 2 to epoch 3, 1 to epoch 4"


def test_run_that_diverges_ends_there() -> None:
    course = course_of([{1: 1.0, 2: math.nan, 3: math.inf}, {1: 3.0, 2: 2.0, 3: 1.0}])
    assert course.steps == (1,)
    assert count_words(course.ends) == "n 2 to epoch 1, 1 to epoch 3"


def test_step_that_a_run_left_out_has_no_mean_but_does_not_end_it() -> None:
    course = course_of([{1: 1.0, 3: 1.0}, {1: 3.0, 2: 9.0, 3: 3.0}])
    assert course.steps == (1, 3)
    assert count_words(course.ends) == "n 2"


def test_run_without_values_does_not_count() -> None:
    assert course_of([{}, {1: math.nan}, {1: 4.0}]).summaries[0].n == 1
    assert course_of([{}]).steps == course_of([]).steps == ()
    assert count_words(()) == "n 0"


@given(st.lists(RUN, max_size=5))
def test_number_of_runs_is_the_same_all_along_a_course(runs: list[dict[int, float]]) -> None:
    course = course_of(runs)
    assert {summary.n for summary in course.summaries} <= {len(course.ends)}
    assert all(step <= course.ends[0] for step in course.steps)
