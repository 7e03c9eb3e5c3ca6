import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats import multitest  # type: ignore[import-untyped]

from trainer.statistics import ALPHA, Difference, findings, verdict_words, welch
from trainer.statistics.verdict import difference_words

SIDE = st.lists(st.floats(-10, 10).map(lambda value: round(value, 2)), min_size=2, max_size=5)
FAMILY = st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=6)


def differences(family: list[tuple[list[float], list[float]]]) -> list[Difference | None]:
    return [welch(*sides) for sides in family]


@pytest.fixture(scope="module")
def holm() -> Iterator[Callable[[list[float]], Any]]:
    """The correction of statsmodels, without the collection of garbage that it starts each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda generation=2: 0)
        yield partial(multitest.multipletests, alpha=ALPHA, method="holm")


@given(FAMILY)
def test_real_is_exactly_what_holm_rejects(
    holm: Callable[[list[float]], Any], family: list[tuple[list[float], list[float]]]
) -> None:
    found = findings(differences(family))
    ps = [finding.p for finding in found if finding]
    rejected, corrected, *_ = holm(ps)
    for finding, is_rejected, after in zip(found, rejected, corrected, strict=True):
        assert finding is not None
        assert finding.corrected == pytest.approx(after)
        if abs(after - ALPHA) > 1e-9:
            assert finding.is_real == is_rejected


@given(FAMILY, st.randoms(use_true_random=False))
def test_order_of_a_family_does_not_matter(family: list[tuple[list[float], list[float]]], random: object) -> None:
    order = sorted(range(len(family)), key=lambda _: random.random())  # type: ignore[attr-defined]
    found, other = findings(differences(family)), findings(differences([family[index] for index in order]))
    for place, index in enumerate(order):
        assert other[place] == found[index] or (other[place] and math.isinf(other[place].low))


def test_comparison_that_cannot_be_made_does_not_count() -> None:
    alone = findings([welch([1.0, 1.1], [2.0, 2.1])])
    beside = findings([None, welch([1.0, 1.1], [2.0, 2.1]), None])
    assert beside == [None, *alone, None]
    assert findings([None]) == [None]
    assert findings([]) == []


def _share_of_false_claims(*, families: int, size: int, draw: str) -> float:
    """The share of families of equal configs in which one difference is called real."""
    random = np.random.default_rng(size)
    false = 0
    for _ in range(families):
        numbers = random.integers(2, 7, (size, 2))
        sides = [tuple(_values(random, int(n), draw) for n in pair) for pair in numbers]
        false += any(finding.is_real for finding in findings([welch(*pair) for pair in sides]) if finding)
    return false / families


def _values(random: np.random.Generator, n: int, draw: str) -> list[float]:
    if draw == "normal":
        return list(random.normal(0.9, 0.02, n))
    samples = int(draw)
    return list(random.binomial(samples, 0.95, n) / samples)


@pytest.mark.parametrize("draw", ["normal", "20", "1000"])
@pytest.mark.parametrize("size", [1, 4])
def test_equal_configs_are_rarely_told_apart(size: int, draw: str) -> None:
    """In 1,000 simulated families no more than 5 % claim a difference, with accuracies of few test samples as well."""
    assert _share_of_false_claims(families=1000, size=size, draw=draw) <= ALPHA


def test_words_say_how_much_better_or_what_it_would_take() -> None:
    good, bad = [0.951, 0.953, 0.952, 0.950, 0.954], [0.937, 0.938, 0.936, 0.939, 0.938]
    close = [0.951, 0.940, 0.946], [0.944, 0.938, 0.947]
    for sides, higher, words in (
        ((good, bad), True, "better by 0.0124 to 0.0164"),
        ((bad, good), True, "worse by 0.0124 to 0.0164"),
        ((bad, good), False, "better by 0.0124 to 0.0164"),
        ((bad, good), None, "lower by 0.0124 to 0.0164"),
        (
            close,
            True,
            "cannot be told apart with 3 runs each; about 55 more each would be enough to detect a difference of this "
            "size",
        ),
        ((close[0][:2], close[1]), True, "cannot be told apart with 2 and 3 runs"),
        (([1.0] * 3, [0.9] * 3), True, "cannot be told apart with 3 runs each, since within each side all runs gave "
         "the same value"),
    ):  # fmt: skip
        difference = welch(*sides)
        (finding,) = findings([difference])
        assert finding is not None
        assert verdict_words(finding, higher_is_better=higher, difference=difference) == words


def test_difference_is_shown_with_the_digits_of_its_interval() -> None:
    (found,) = findings([welch([0.951, 0.953, 0.952], [0.937, 0.938, 0.936])])
    assert found is not None
    assert difference_words(found) == "+0.0150 (0.0127 to 0.0173)"
    (unknown,) = findings([welch([1.0] * 3, [0.9] * 3)])
    assert unknown is not None
    assert difference_words(unknown) == "+0.1000 (no interval)"
