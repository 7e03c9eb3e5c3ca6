"""Say in words what a comparison found; the same words everywhere."""

import math

from trainer.format import count
from trainer.statistics.difference import Difference, MeanDifference, Method
from trainer.statistics.family import Finding
from trainer.statistics.more_runs import more_runs

__all__ = ["difference_words", "verdict_words"]

_DIGITS = 2
"""Significant digits of an interval's half width."""


def verdict_words(
    finding: Finding, *, higher_is_better: bool | None, difference: Difference | None = None, unit: str = "runs"
) -> str:
    """Say whether the first side is better, by how much, or what it would take to tell.

    Args:
        finding: the difference in its family.
        higher_is_better: the direction of the metric; None where it is unknown, and then no side is called better.
        difference: the one behind the finding; where it is a difference of means, the words say how many runs a side
            had, and about how many more would do.
        unit: what a side has several of: `runs`, `splits`, `folds`.
    """
    if finding.is_real:
        return _real_words(finding, higher_is_better)
    words = "cannot be told apart"
    if not isinstance(difference, MeanDifference):
        return words
    words += f" with {_sides(difference, unit)}"
    if math.isinf(finding.low):
        return f"{words}, since within each side all {unit} gave the same value"
    more = more_runs(difference)
    if more is None:
        return words
    each = "each " if difference.method is Method.WELCH else ""
    return f"{words}; about {count(more)} more {each}would be enough to detect a difference of this size"


def difference_words(finding: Finding) -> str:
    """Format the difference and its interval, such as `+0.012 (0.008 to 0.016)`."""
    digits = _decimals(finding)
    sign = "+" if finding.estimate > 0 else ""
    shown = f"{sign}{_rounded(finding.estimate, digits)}"
    if math.isinf(finding.low):
        return f"{shown} (no interval)"
    return f"{shown} ({_rounded(finding.low, digits)} to {_rounded(finding.high, digits)})"


def _real_words(finding: Finding, higher_is_better: bool | None) -> str:
    small, large = sorted((abs(finding.low), abs(finding.high)))
    digits = _decimals(finding)
    amount = f"{_rounded(small, digits)} to {_rounded(large, digits)}"
    if small == large:
        amount = _rounded(large, digits)
    if higher_is_better is None:
        return f"{'higher' if finding.low > 0 else 'lower'} by {amount}"
    return f"{'better' if (finding.low > 0) == higher_is_better else 'worse'} by {amount}"


def _sides(difference: MeanDifference, unit: str) -> str:
    one, other = difference.n
    if difference.method is not Method.WELCH:
        return f"{count(one)} {unit}"
    return f"{count(one)} {unit} each" if one == other else f"{count(one)} and {count(other)} {unit}"


def _decimals(finding: Finding) -> int | None:
    """Return the decimals that keep two digits of the half width; None for numbers that need an exponent."""
    half = (finding.high - finding.low) / 2
    scale = half if half > 0 and math.isfinite(half) else abs(finding.estimate) / 100
    largest = max(abs(each) for each in (finding.estimate, finding.low, finding.high) if math.isfinite(each))
    if not scale or not 1e-4 <= largest < 1e7:
        return None
    return min(12, max(0, _DIGITS - 1 - math.floor(math.log10(scale))))


def _rounded(value: float, decimals: int | None) -> str:
    shown = f"{value:.3g}" if decimals is None else f"{value:,.{decimals}f}"
    return shown.replace("-", "−")
