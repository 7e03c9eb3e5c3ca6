"""The best result to expect of a search, by its number of trials."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExpectedBest", "expected_best"]

_RESAMPLES = 2_000


class ExpectedBest(NamedTuple):
    """The expected best of `trials` trials, with its 95 % interval."""

    trials: int
    value: float
    low: float
    high: float


def expected_best(results: Sequence[float], *, higher_is_better: bool, seed: int = 0) -> tuple[ExpectedBest, ...]:
    """Estimate the expected best result of 1, 2, … trials from all trials of a search.

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
    budgets = np.arange(1, values.size // 2 + 1)
    weights = _weights(values.size, budgets)
    random = np.random.default_rng(seed)
    resampled = [weights @ np.sort(random.choice(values, values.size)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    ends = np.sort(sign * np.stack([low, high]), axis=0)
    means = sign * (weights @ values)
    return tuple(
        ExpectedBest(int(budget), float(mean), float(least), float(most))
        for budget, mean, least, most in zip(budgets, means, *ends, strict=True)
    )


def _weights(count: int, budgets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability that each of the sorted values is the largest of a draw, (budgets, values)."""
    shares = np.arange(count + 1) / count
    found: NDArray[np.float64] = np.diff(shares[None, :] ** budgets[:, None], axis=1)
    return found
