"""The best result to expect of a search, by its number of trials."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExpectedBest", "expected_best"]

_RESAMPLES = 2_000
# As many budgets as a chart has room for, and as many draws at once as take 16 MB.
_MOST_BUDGETS = 200
_DRAWS = 2_000_000


class ExpectedBest(NamedTuple):
    """The expected best of `trials` trials, with its 95 % interval."""

    trials: int
    value: float
    low: float
    high: float


def expected_best(results: Sequence[float], *, higher_is_better: bool, seed: int = 0) -> tuple[ExpectedBest, ...]:
    """Estimate the expected best result of 1, 2, … trials, at most 200 of these, from all trials of a search.

    The estimate is the expected maximum of that many draws with replacement (Dodge et al. 2019, "Show Your Work",
    equation 7). It holds for trials that do not depend on each other; those of a sampler that learns get better than
    this. It reaches to half of the trials, since beyond that a few of them decide; the interval is the percentile
    bootstrap's over trials. Results that are not finite count as the worst.

    Args:
        results: the objective of each trial, in any order.
        higher_is_better: the direction of the objective.
        seed: of the bootstrap.

    Empty with fewer than four trials with a finite result.
    """
    given = np.asarray(results, float)
    finite = given[np.isfinite(given)]
    if finite.size < 4:
        return ()
    sign = 1.0 if higher_is_better else -1.0
    values = np.sort(np.where(np.isfinite(given), sign * given, (sign * finite).min()))
    last = values.size // 2
    budgets = np.unique(np.linspace(1, last, min(last, _MOST_BUDGETS)).round().astype(np.int64))
    weights = _weights(values.size, budgets)
    low, high = np.quantile(_resampled(values, weights, np.random.default_rng(seed)), [0.025, 0.975], axis=0)
    ends = np.sort(sign * np.stack([low, high]), axis=0)
    means = sign * (weights @ values)
    return tuple(
        ExpectedBest(int(budget), float(mean), float(least), float(most))
        for budget, mean, least, most in zip(budgets, means, *ends, strict=True)
    )


def _resampled(
    values: NDArray[np.float64], weights: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Return the estimates (resamples, budgets) for trials that are drawn with replacement."""
    at_once = max(1, _DRAWS // values.size)
    found = []
    for first in range(0, _RESAMPLES, at_once):
        drawn = random.integers(0, values.size, (min(at_once, _RESAMPLES - first), values.size))
        # The values are sorted, so that sorting their places sorts them: several times as fast, as integers.
        places = np.sort(drawn.astype(np.uint16 if values.size < 2**16 else np.uint32), axis=1, kind="stable")
        found.append(values[places] @ weights.T)
    return np.concatenate(found)


def _weights(count: int, budgets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability that each of the sorted values is the largest of a draw, (budgets, values)."""
    shares = np.arange(count + 1) / count
    found: NDArray[np.float64] = np.diff(shares[None, :] ** budgets[:, None], axis=1)
    return found
