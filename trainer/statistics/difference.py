"""The difference between two sides of a comparison, each with several runs, and how certain it is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, variance
from typing import Protocol

__all__ = ["Difference", "MeanDifference", "Method", "paired", "resampled", "welch"]


class Method(StrEnum):
    """The test behind a difference, as a page names it."""

    WELCH = "Welch's t-test"
    PAIRED = "paired t-test over splits"
    RESAMPLED = "corrected resampled t-test"
    MCNEMAR = "exact McNemar test"
    BOOTSTRAP = "paired bootstrap"


class Difference(Protocol):
    """A difference with its uncertainty. `interval` excludes 0 if and only if `p` is below its `alpha`."""

    @property
    def estimate(self) -> float:
        """The first side minus the second."""
        ...

    @property
    def p(self) -> float:
        """The two-sided p value of no difference."""
        ...

    @property
    def method(self) -> Method:
        """The test."""
        ...

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the lower and upper end of the interval of 1 − `alpha`."""
        ...


@dataclass(frozen=True, kw_only=True)
class MeanDifference:
    """A difference of means by Student's t.

    Args:
        estimate: the first mean minus the second.
        error: its standard error; 0 where no side varies.
        freedom: degrees of freedom of t.
        n: runs on each side; for pairs, the pairs twice.
        spread: the pooled standard deviation of a run, which tells how many more runs it would take.
        method: the test.
    """

    estimate: float
    error: float
    freedom: float
    n: tuple[int, int]
    spread: float
    method: Method

    @property
    def p(self) -> float:
        """The two-sided p value; where no side varies, that of the exact permutation test, since t has no error."""
        from scipy import special

        if self.error > 0:
            return float(2 * special.stdtr(self.freedom, -abs(self.estimate) / self.error))
        return 1.0 if self.estimate == 0 else self._permutation_p()

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the interval of 1 − `alpha`; (−∞, ∞) where no side varies and too few runs were made to say more."""
        from scipy import special

        if self.error == 0 and self.estimate != 0:
            known = self._permutation_p() < alpha
            return (self.estimate, self.estimate) if known else (-math.inf, math.inf)
        reach = float(special.stdtrit(self.freedom, 1 - alpha / 2)) * self.error if self.error else 0.0
        return self.estimate - reach, self.estimate + reach

    def _permutation_p(self) -> float:
        """Of all ways to deal the values to the sides, the share that parts them as cleanly as they are."""
        if self.method is Method.WELCH:
            return min(1.0, 2 / math.comb(sum(self.n), self.n[0]))
        # Folds share training data, so that their signs are no independent evidence.
        return 1.0 if self.method is Method.RESAMPLED else min(1.0, 2 / 2 ** self.n[0])


def welch(first: Sequence[float], second: Sequence[float]) -> MeanDifference | None:
    """Compare the means of two sides whose runs are independent (Welch 1947).

    Returns None with fewer than two runs on a side, or where a value is not finite.
    """
    if min(len(first), len(second)) < 2 or not _finite(first, second):
        return None
    parts = [_variance(side) / len(side) for side in (first, second)]
    error = math.sqrt(sum(parts))
    terms = [
        (part / sum(parts)) ** 2 / (len(side) - 1) for part, side in zip(parts, (first, second), strict=True) if error
    ]
    pooled = sum((len(side) - 1) * _variance(side) for side in (first, second)) / (len(first) + len(second) - 2)
    return MeanDifference(
        estimate=_mean_difference(first, second),
        error=error,
        freedom=1 / sum(terms) if terms else len(first) + len(second) - 2,
        n=(len(first), len(second)),
        spread=math.sqrt(pooled),
        method=Method.WELCH,
    )


def paired(first: Sequence[float], second: Sequence[float]) -> MeanDifference | None:
    """Compare two sides value by value, the n-th of each measured on the same split.

    Returns None with fewer than two pairs, or where a value is not finite.

    Raises:
        ValueError: the sides are of unequal length.
    """
    return _over_pairs(first, second, Method.PAIRED, lambda pairs: 1 / pairs)


def resampled(
    first: Sequence[float], second: Sequence[float], *, test_samples: float, training_samples: float
) -> MeanDifference | None:
    """Compare two sides over random splits or the folds of a cross-validation, by the corrected resampled t-test.

    Splits of the same samples share training data, so a plain t claims far too often; the variance is multiplied by
    1/k + n_test/n_train instead of 1/k (Nadeau and Bengio 2003).

    Args:
        first: a value of the first side for each split.
        second: the same of the second side, in the order of the same splits.
        test_samples: the samples in a split's test part, or their share.
        training_samples: those in its training part, or their share.

    Returns None with fewer than two splits, or where a value is not finite.

    Raises:
        ValueError: the sides are of unequal length.
    """
    share = test_samples / training_samples
    return _over_pairs(first, second, Method.RESAMPLED, lambda folds: 1 / folds + share)


def _over_pairs(
    first: Sequence[float], second: Sequence[float], method: Method, factor: Callable[[int], float]
) -> MeanDifference | None:
    differences = [one - other for one, other in zip(first, second, strict=True)]
    if len(differences) < 2 or not _finite(differences):
        return None
    spread = _variance(differences)
    return MeanDifference(
        estimate=fmean(differences),
        error=math.sqrt(spread * factor(len(differences))),
        freedom=len(differences) - 1,
        n=(len(differences), len(differences)),
        spread=math.sqrt(spread),
        method=method,
    )


def _mean_difference(first: Sequence[float], second: Sequence[float]) -> float:
    return fmean(first) - fmean(second)


def _variance(values: Sequence[float]) -> float:
    """The sample variance, exactly 0 where all values are equal, which rounding in the mean would hide."""
    return 0.0 if min(values) == max(values) else variance(values)


def _finite(*sides: Sequence[float]) -> bool:
    return all(math.isfinite(value) for side in sides for value in side)
