"""Several comparisons at once: which differences are real after Holm's correction."""

from collections.abc import Sequence
from typing import NamedTuple

from trainer.statistics.difference import Difference, Method

__all__ = ["ALPHA", "Finding", "findings", "holm"]

ALPHA = 0.05
"""The share of families without any difference in which one is called real all the same."""


class Finding(NamedTuple):
    """One difference in its family.

    `low` and `high` are its interval after Holm's correction, which excludes 0 if and only if the difference is real.
    `p` is the p value by itself and `corrected` the one after the correction, to be compared with `ALPHA`.
    """

    estimate: float
    low: float
    high: float
    p: float
    corrected: float
    method: Method
    family: int

    @property
    def is_real(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def findings(differences: Sequence[Difference | None], *, alpha: float = ALPHA) -> list[Finding | None]:
    """Correct a family of differences by Holm's method (1979), in their order; None stays None and does not count.

    The k-th smallest of m p values is tested at alpha / (m − k + 1). From the first that fails on, all share its level,
    so that an interval excludes 0 exactly where the step-down procedure rejects.
    """
    known = [each for each in differences if each is not None]
    if not known:
        return [None] * len(differences)
    ps = [each.p for each in known]
    levels, corrected = _levels(ps, alpha), holm(ps)
    found = iter(
        Finding(each.estimate, *each.interval(level), p, after, each.method, len(known))
        for each, level, p, after in zip(known, levels, ps, corrected, strict=True)
    )
    return [None if each is None else next(found) for each in differences]


def holm(ps: Sequence[float]) -> list[float]:
    """Return Holm's p values, in the given order.

    statsmodels 0.15 has them too, but calls `gc.collect` each time, for 0.2 s.
    """
    corrected, largest = [1.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        largest = max(largest, min(1.0, ps[index] * (len(ps) - rank)))
        corrected[index] = largest
    return corrected


def _levels(ps: Sequence[float], alpha: float) -> list[float]:
    """Return the level of each interval; equal p values share the strictest of theirs, whatever their order."""
    levels = [alpha] * len(ps)
    before, level, failed = -1.0, alpha, False
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        if not failed and ps[index] != before:
            level = alpha / (len(ps) - rank)
        failed = failed or ps[index] >= level
        levels[index], before = level, ps[index]
    return levels
