"""How many more runs would show a difference as large as the one found."""

import math
from bisect import bisect_left

from trainer.statistics.difference import MeanDifference, Method

__all__ = ["MOST_RUNS", "more_runs"]

_FEWEST = 3
"""Runs on each side below which their deviation is too uncertain to plan with."""
_POWER = 0.8
MOST_RUNS = 1_000
"""Beyond as many runs on a side the number is not worth telling."""


def more_runs(difference: MeanDifference, *, alpha: float = 0.05) -> int | None:
    """Return how many more runs on each side would show a difference of this size with a power of 0.8.

    Args:
        difference: the one found; its pooled deviation is taken for the true one.
        alpha: of the two-sided test.

    None where it cannot be planned: fewer than three runs on a side, no difference, no deviation, or more than
    `MOST_RUNS`.
    """
    if min(difference.n) < _FEWEST or not difference.estimate or not difference.spread:
        return None
    if difference.method is Method.RESAMPLED:
        return None  # more folds of the same data are no more data
    effect = abs(difference.estimate) / difference.spread
    # Power grows with n, so that a bisection needs ten evaluations; the solver of statsmodels fails on large effects.
    needed = bisect_left(range(2, MOST_RUNS + 1), _POWER, key=lambda n: _power(effect, n, alpha, difference.method)) + 2
    return None if needed > MOST_RUNS else max(1, needed - min(difference.n))


def _power(effect: float, n: int, alpha: float, method: Method) -> float:
    from statsmodels.stats.power import TTestIndPower, TTestPower

    if method is Method.PAIRED:
        power = float(TTestPower().power(effect, n, alpha))
    else:
        power = float(TTestIndPower().power(effect, n, alpha))
    # SciPy's noncentral t has no value where the test would hardly ever fail.
    return 1.0 if math.isnan(power) else power
