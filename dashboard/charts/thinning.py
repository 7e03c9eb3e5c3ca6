"""Long curves, thinned for the screen so that every peak stays."""

import numpy as np

from trainer.tracking import Series

__all__ = ["MOST_POINTS", "thinned"]

MOST_POINTS = 2000
"""More than a screen has columns; more are thinned."""


def thinned(series: Series, most: int = MOST_POINTS) -> Series:
    """The first, the last, and the lowest and highest point of each of `most / 2` equal parts.

    A series of `most` points or fewer stays as it is. Gaps (NaN) stay where a part holds nothing else.
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
