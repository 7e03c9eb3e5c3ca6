"""Mean, standard deviation and 95 % interval of the mean over runs of one config."""

import math
import statistics
from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["Summary", "student", "summarize", "summarize_all", "summary_of"]

# Two-sided 95 % quantiles of Student's t, for 1 to 10 degrees of freedom.
_T = (
    12.7062047,
    4.30265273,
    3.18244631,
    2.77644511,
    2.57058184,
    2.44691185,
    2.36462425,
    2.30600414,
    2.26215716,
    2.22813885,
)

_Z = statistics.NormalDist().inv_cdf(0.975)


class Summary(NamedTuple):
    """The mean of `n` values, their sample standard deviation, and the 95 % interval of the mean, `low` to `high`.

    One value has no deviation and no interval: these are None then.
    """

    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    n: int


def summarize(values: Iterable[float]) -> Summary | None:
    """Summarize the finite values; None if there are none.

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
    return summary_of(mean, deviation, len(finite))


def summary_of(mean: float, deviation: float, n: int) -> Summary:
    """Return the summary of `n` values with this mean and sample standard deviation, such as a database returns."""
    if n == 1:
        return Summary(mean, None, None, None, 1)
    reach = student(n - 1) * deviation / math.sqrt(n)
    return Summary(mean, deviation, mean - reach, mean + reach, n)


def summarize_all(runs: Iterable[Mapping[str, float]]) -> dict[str, Summary]:
    """Summarize each metric over the runs that have it; `runs` are the final values of each run."""
    found: dict[str, list[float]] = {}
    for metrics in runs:
        for name, value in metrics.items():
            found.setdefault(name, []).append(value)
    summaries = {name: summarize(values) for name, values in sorted(found.items())}
    return {name: summary for name, summary in summaries.items() if summary is not None}


def student(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t to five digits (Abramowitz and Stegun, 26.7.5).

    SciPy's takes a second to import.
    """
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / math.pow(freedom, power) for power, term in enumerate(terms, start=1))
