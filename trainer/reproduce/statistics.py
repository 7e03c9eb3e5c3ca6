"""What repeats of one training say together: mean, deviation and the 95 % interval of the mean. Pure."""

import math
import statistics
from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["Summary", "summarize", "summarize_all"]

_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
"""Student's t for a two-sided 95 %, for 1 to 10 degrees of freedom."""

_Z = statistics.NormalDist().inv_cdf(0.975)
_HOW_NOT_WHAT = ("system/", "learning_rate", "epoch_seconds")
"""What a run logs of how it went about it is no result."""


class Summary(NamedTuple):
    """`n` values: their mean, their deviation (of a sample), and `low` to `high`, 95 % for the mean.

    One value has no deviation and no interval: these are None then.
    """

    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    n: int


def summarize(values: Iterable[float]) -> Summary | None:
    """The summary of the finite values; None where there is none.

    The interval is Student's: mean ± t(n − 1) × deviation / √n.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    if len(finite) == 1:
        return Summary(finite[0], None, None, None, 1)
    smallest, largest = min(finite), max(finite)
    mean = min(max(statistics.fmean(finite), smallest), largest)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in finite) / (len(finite) - 1))
    reach = _student(len(finite) - 1) * deviation / math.sqrt(len(finite))
    return Summary(mean, deviation, mean - reach, mean + reach, len(finite))


def summarize_all(runs: Iterable[Mapping[str, float]]) -> dict[str, Summary]:
    """A summary for each metric, of the runs that have it; `runs` are each run's final values."""
    found: dict[str, list[float]] = {}
    for metrics in runs:
        for name, value in metrics.items():
            if not name.startswith(_HOW_NOT_WHAT):
                found.setdefault(name, []).append(value)
    summaries = {name: summarize(values) for name, values in sorted(found.items())}
    return {name: summary for name, summary in summaries.items() if summary is not None}


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, to four digits (Abramowitz and Stegun, 26.7.5).

    SciPy's takes a second to import.
    """
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / math.pow(freedom, power) for power, term in enumerate(terms, start=1))
