"""Format a mean and its interval, with as many digits as the interval supports."""

import math
from collections.abc import Sequence

from trainer.statistics.intervals import Summary

__all__ = ["count_words", "interval_words", "mean_words", "summary_words"]

# Significant digits of the half width of an interval: more would be noise, and one rounds too much.
_OF_AN_INTERVAL = 2
_OF_A_VALUE = 4
_MOST = 12
# Numbers between these are written without an exponent.
_SMALLEST, _LARGEST = 1e-4, 1e7


def mean_words(summary: Summary) -> str:
    """Format the mean, such as `0.9356`; the narrower the interval, the more digits."""
    return _rounded(summary.mean, summary)


def interval_words(summary: Summary) -> str:
    """Format the interval: `0.9332 to 0.9380`; `no interval` for a single run, `all equal` if all values are."""
    if summary.low is None or summary.high is None:
        return "no interval"
    if summary.low == summary.high:
        return "all equal"
    return f"{_rounded(summary.low, summary)} to {_rounded(summary.high, summary)}"


def summary_words(summary: Summary) -> str:
    """Format a group's mean, interval and size: `0.9356 (95 % 0.9332 to 0.9380, n 5)`; `n 1, no interval` for one."""
    if summary.low is None:
        return f"{mean_words(summary)} (n {summary.n}, {interval_words(summary)})"
    share = "" if summary.low == summary.high else "95 % "
    return f"{mean_words(summary)} ({share}{interval_words(summary)}, n {summary.n:,})"


def count_words(ends: Sequence[int], unit: str = "epoch") -> str:
    """Format how many runs a curve averages, by range: `n 3 to epoch 5, 1 to epoch 8`. For `ends`, see `Course`."""
    if not ends:
        return "n 0"
    if ends[0] == ends[-1]:
        return f"n {len(ends):,}"
    stretches = [f"{sum(each >= end for each in ends):,} to {unit} {end:,}" for end in sorted(set(ends))]
    return "n " + ", ".join(stretches)


def _rounded(value: float, summary: Summary) -> str:
    """Round `value` to the digits that keep two of the interval's half width, or to four digits without an interval."""
    largest = max(abs(each) for each in (summary.mean, summary.low or 0.0, summary.high or 0.0))
    if not largest or not math.isfinite(largest):
        return f"{value:.4g}"
    magnitude = math.floor(math.log10(largest))
    digits = min(_digits(summary, magnitude), _MOST)
    if not _SMALLEST <= largest < _LARGEST:
        shown = f"{value:.{max(0, digits - 1)}e}"
    else:
        shown = f"{value:,.{max(0, digits - 1 - magnitude)}f}"
    return shown.replace("-", "−")


def _digits(summary: Summary, magnitude: int) -> int:
    """Return the significant digits for a number of that order of magnitude."""
    half = 0.0 if summary.low is None or summary.high is None else (summary.high - summary.low) / 2
    if not half > 0:
        return _OF_A_VALUE
    return max(1, magnitude - math.floor(math.log10(half)) + _OF_AN_INTERVAL)
