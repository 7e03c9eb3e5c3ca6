"""Thinning of long curves for display, which keeps every peak."""

import numpy as np

from trainer.tracking import Series

__all__ = ["MOST_POINTS", "thinned"]

MOST_POINTS = 2000
"""Maximum number of drawn points of a curve, more than most charts have columns of pixels."""


def thinned(series: Series, most: int = MOST_POINTS) -> Series:
    """Return the first and last point, and the lowest and highest of each of `most / 2` equal parts.

    A series of at most `most` points is returned unchanged. A part of NaN alone stays a gap.
    """
    size = len(series.values)
    if size <= most:
        return series
    values = np.asarray(series.values, dtype=float)
    kept = {0, size - 1}
    for part in np.array_split(np.arange(size), most // 2 - 1):
        within = values[part]
        kept |= {int(part[np.argmin(np.nan_to_num(within, nan=np.inf))])}
        kept |= {int(part[np.argmax(np.nan_to_num(within, nan=-np.inf))])}
    order = sorted(kept)
    return Series(
        steps=[series.steps[index] for index in order],
        values=[series.values[index] for index in order],
        times=[series.times[index] for index in order],
    )
