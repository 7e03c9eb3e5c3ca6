"""Where two networks differ on the same samples."""

import math

import numpy as np

from tests.support.predictions import classified, regressed
from trainer.comparison import confusion_of, error_gaps, outcomes_of


def test_samples_are_parted_by_who_is_right_with_confident_mistakes_first() -> None:
    actual = [0, 1, 2, 0, 1, 2]
    sure = np.asarray([0.9, 0.5, 0.8, 0.7, 0.6, 0.4], np.float32)
    first = classified(actual, [0, 1, 2, 1, 0, 0], confidence=sure)
    second = classified(actual, [1, 1, 0, 0, 2, 1], confidence=sure)
    found = outcomes_of(first, second)
    assert found.only_first.tolist() == [0, 2]
    assert found.only_second.tolist() == [3]
    assert found.neither.tolist() == [4, 5]
    assert found.both == 1
    swapped = outcomes_of(second, first)
    assert swapped.only_first.tolist() == found.only_second.tolist()


def test_confidence_that_is_missing_or_nan_keeps_the_order_of_the_samples() -> None:
    first = classified([0, 0, 0], [0, 0, 0])
    for confidence in (None, np.asarray([math.nan, 0.5, 0.6], np.float32)):
        second = classified([0, 0, 0], [1, 1, 1], confidence=confidence)
        expected = [0, 1, 2] if confidence is None else [2, 1, 0]
        assert outcomes_of(first, second).only_first.tolist() == expected


def test_confusion_counts_every_class_and_agrees_with_the_parts() -> None:
    kept = classified([0, 1, 1, 2], [0, 1, 2, 2], classes=4)
    assert confusion_of(kept).tolist() == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_largest_differences_of_errors_come_first_and_no_number_is_the_worst() -> None:
    actual = [0.0] * 5
    first = regressed(actual, [1.0, -3.0, 0.0, math.nan, math.inf])
    second = regressed(actual, [1.0, 0.5, 2.0, 1.0, -math.inf])
    found = error_gaps(first, second)
    assert found.order.tolist() == [3, 1, 2, 0, 4]
    assert (found.first_is_closer, found.second_is_closer) == (1, 2)
