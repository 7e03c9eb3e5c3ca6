"""Mean ranks of several methods over several datasets."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["MeanRanks", "mean_ranks"]

_FEWEST = 5
"""Datasets below which Friedman's and Nemenyi's tests say nothing."""


class MeanRanks(NamedTuple):
    """The mean rank of each method, 1 for the best, over `datasets`.

    `p` is Friedman's p value of equal methods and `critical` Nemenyi's critical difference of two mean ranks at 5 %;
    both are None with fewer than five datasets or three methods.
    """

    ranks: Mapping[str, float]
    datasets: int
    p: float | None
    critical: float | None


def mean_ranks(values: Mapping[str, Sequence[float]], *, higher_is_better: bool) -> MeanRanks | None:
    """Rank methods on each dataset and average the ranks (Demšar 2006).

    Args:
        values: method → its value on each dataset, in the same order for all.
        higher_is_better: the direction of the metric.

    None with fewer than two methods, without datasets, or where a value is not finite.

    Raises:
        ValueError: the methods have values on unequal numbers of datasets.
    """
    import numpy as np
    from scipy import stats

    if len({len(each) for each in values.values()}) > 1:
        raise ValueError("every method must have a value on every dataset")
    table = np.asarray(list(values.values()), float)
    if table.ndim < 2 or len(table) < 2 or not table.size or not np.isfinite(table).all():
        return None
    ranked = stats.rankdata(-table if higher_is_better else table, axis=0)
    methods, datasets = table.shape
    ranks = dict(zip(values, ranked.mean(axis=1).tolist(), strict=True))
    if datasets < _FEWEST or methods < 3:
        return MeanRanks(ranks, datasets, None, None)
    # Friedman's statistic is 0/0 where all methods tie on every dataset.
    p = 1.0 if (ranked == ranked[0]).all() else float(stats.friedmanchisquare(*table).pvalue)
    quantile = stats.studentized_range.ppf(0.95, methods, math.inf) / math.sqrt(2)
    return MeanRanks(ranks, datasets, p, float(quantile * math.sqrt(methods * (methods + 1) / (6 * datasets))))
