"""How often a run of one side beats a run of the other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Superiority", "superiority"]

_FEWEST = 5
"""Runs on each side below which the bootstrap interval covers far less than it says."""
_RESAMPLES = 2_000


class Superiority(NamedTuple):
    """The probability that a run of the first side is better than one of the second, with its 95 % interval.

    `low` and `high` are None with fewer than five runs on a side.
    """

    probability: float
    low: float | None
    high: float | None


def superiority(
    first: Sequence[float], second: Sequence[float], *, higher_is_better: bool, seed: int = 0
) -> Superiority | None:
    """Estimate the probability of superiority from all pairs of runs, with ties counted half.

    The interval is the percentile bootstrap's, over the runs of each side. None where a side has no finite value.
    """
    one, other = (np.asarray([value for value in side if np.isfinite(value)], float) for side in (first, second))
    if not one.size or not other.size:
        return None
    if not higher_is_better:
        one, other = -one, -other
    probability = _share(one, other)
    if min(one.size, other.size) < _FEWEST:
        return Superiority(float(probability), None, None)
    random = np.random.default_rng(seed)
    shares = [_share(random.choice(one, one.size), random.choice(other, other.size)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(shares, [0.025, 0.975])
    return Superiority(float(probability), float(low), float(high))


def _share(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the share of pairs in which a value of `one`, (n,), is above one of `other`, (m,)."""
    # By position among the sorted values: all pairs of all resamples at once would take gigabytes.
    ordered = np.sort(other)
    below = np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")
    return float(below.mean() / (2 * other.size))
