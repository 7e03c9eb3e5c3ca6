"""The difference between two networks on the same test samples, which says nothing about their configs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.statistics.difference import Method

__all__ = ["Disagreement", "LossDifference", "mcnemar", "paired_bootstrap"]

_RESAMPLES = 10_000
# As many as fit into a processor's cache, which halves the time.
_INDICES_AT_ONCE = 2**17


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """Two classifiers on the same samples: how many each alone classified correctly.

    `estimate` is the difference of their accuracies. The test and the interval are conditional on the samples on
    which they disagree, so that they agree with each other (McNemar 1947, in its exact form).
    """

    only_first: int
    only_second: int
    samples: int

    @property
    def method(self) -> Method:
        """The test."""
        return Method.MCNEMAR

    @property
    def estimate(self) -> float:
        """The accuracy of the first minus that of the second."""
        return (self.only_first - self.only_second) / self.samples

    @cached_property
    def p(self) -> float:
        """The exact two-sided p value."""
        from statsmodels.stats.contingency_tables import mcnemar as exact

        table = [[0, self.only_first], [self.only_second, 0]]
        # statsmodels doubles the tail, which exceeds 1 where both sides are equal.
        return min(1.0, float(exact(table, exact=True).pvalue)) if self._disagree else 1.0

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the interval of the difference of accuracies (Clopper and Pearson 1934 on the disagreements)."""
        from scipy import stats

        if not self._disagree:
            return 0.0, 0.0
        share = stats.binomtest(self.only_first, self._disagree).proportion_ci(1 - alpha, method="exact")
        scale = self._disagree / self.samples
        return float((2 * share.low - 1) * scale), float((2 * share.high - 1) * scale)

    @property
    def _disagree(self) -> int:
        return self.only_first + self.only_second


def mcnemar(first: Sequence[bool] | NDArray[Any], second: Sequence[bool] | NDArray[Any]) -> Disagreement | None:
    """Compare two classifiers by which of the same test samples each classified correctly.

    Args:
        first: whether the first classified each sample correctly, (samples,).
        second: the same of the second, in the same order.

    Returns None without samples.

    Raises:
        ValueError: the sides are of unequal length.
    """
    one, other = np.asarray(first, bool), np.asarray(second, bool)
    _refuse_unequal(one, other)
    if not one.size:
        return None
    return Disagreement(
        only_first=int((one & ~other).sum()), only_second=int((other & ~one).sum()), samples=int(one.size)
    )


@dataclass(frozen=True, kw_only=True)
class LossDifference:
    """The difference of the mean losses of two networks, with the same of every resample of the test samples."""

    estimate: float
    resampled: NDArray[np.float64]
    """The sorted differences, (resamples,)."""
    samples: int
    """The number of samples that were resampled."""

    @property
    def method(self) -> Method:
        """The test."""
        return Method.BOOTSTRAP

    @property
    def p(self) -> float:
        """Twice the smaller share of resamples on one side of 0, at least 2 / (resamples + 1)."""
        below, above = int((self.resampled <= 0).sum()), int((self.resampled >= 0).sum())
        return min(1.0, 2 * (min(below, above) + 1) / (len(self.resampled) + 1))

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the percentile interval (Efron 1979), whose ends are resamples, so that it agrees with `p`."""
        cut = max(0, math.ceil(alpha / 2 * (len(self.resampled) + 1)) - 1)
        return float(self.resampled[cut]), float(self.resampled[-1 - cut])


def paired_bootstrap(
    first: Sequence[float] | NDArray[Any], second: Sequence[float] | NDArray[Any], *, seed: int = 0
) -> LossDifference | None:
    """Compare two networks by their losses on the same test samples.

    Args:
        first: the loss of the first on each sample, (samples,).
        second: the same of the second, in the same order.
        seed: of the resampling.

    Returns None with fewer than two samples, or where a loss is not finite.

    Raises:
        ValueError: the sides are of unequal length.
    """
    one, other = np.asarray(first, float), np.asarray(second, float)
    _refuse_unequal(one, other)
    differences = one - other
    if differences.size < 2 or not np.isfinite(differences).all():
        return None
    random = np.random.default_rng(seed)
    # In parts, since the indices of all resamples at once would take 8 GB at 100,000 samples.
    part = max(1, _INDICES_AT_ONCE // differences.size)
    sizes = [min(part, _RESAMPLES - begin) for begin in range(0, _RESAMPLES, part)]
    drawn = (random.integers(0, differences.size, (size, differences.size)) for size in sizes)
    means = np.concatenate([differences[indices].mean(axis=1) for indices in drawn])
    return LossDifference(estimate=float(differences.mean()), resampled=np.sort(means), samples=int(differences.size))


def _refuse_unequal(one: NDArray[Any], other: NDArray[Any]) -> None:
    if one.shape != other.shape:
        raise ValueError(f"both sides must have the same test samples, got {one.shape} and {other.shape}")
