"""Thinning of long curves for display, which keeps every peak."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tsdownsample import M4Downsampler

from dashboard.charts.arrays import finite
from trainer.tracking import Series

__all__ = ["MOST_POINTS", "Window", "kept_points", "kept_within", "thinned"]

MOST_POINTS = 2000
"""Maximum number of drawn points of a curve, four for each of the columns of pixels of most charts."""

Window = tuple[float, float]
"""The first and last place on the x axis that a zoom shows."""

# First, last, lowest and highest.
_OF_A_PART = 4
_thin: Any = M4Downsampler()  # type: ignore[no-untyped-call]


def kept_points(values: ArrayLike, most: int = MOST_POINTS) -> NDArray[np.intp]:
    """Return the indices of the points to draw, in order: of each equal part the first, last, lowest and highest.

    That is M4 (Jugel et al. 2014, https://doi.org/10.14778/2732951.2732953), which draws the same pixels as all points
    would where a part is a column of pixels. Up to `most` values are all kept.

    Args:
        values: (points,). Values that are not finite are gaps; of the gaps that begin in one part, the first is kept.
        most: maximum number of kept finite values, at least 4; gaps add at most a quarter of it.
    """
    numbers = np.asarray(values, dtype=np.float64)
    size = len(numbers)
    if size <= most:
        return np.arange(size)
    drawn = finite(numbers)
    places = np.flatnonzero(drawn)
    parts = most // _OF_A_PART
    if len(places) > most:
        places = places[_thin.downsample(np.ascontiguousarray(numbers[places]), n_out=parts * _OF_A_PART)]
    # A mask sorts and drops duplicates in a fraction of the time of `np.unique`.
    kept = np.zeros(size, dtype=np.bool_)
    kept[places] = kept[0] = kept[-1] = True
    if len(places) < size:
        begins = np.flatnonzero(~drawn & np.concatenate(([True], drawn[:-1])))
        kept[begins[np.unique(begins * parts // size, return_index=True)[1]]] = True
    return np.flatnonzero(kept)


def kept_within(
    places: NDArray[Any], values: NDArray[Any], window: Window | None, most: int = MOST_POINTS
) -> NDArray[np.intp]:
    """Return the indices of the points to draw, of which a window of the chart has as many as the whole chart.

    Args:
        places: the x values (points,), in any order.
        values: (points,), see `kept_points`.
        window: what a zoom shows; None without one.
        most: maximum number of kept points in the whole and again in the window.
    """
    kept = kept_points(values, most)
    if window is None or len(kept) == len(values):
        return kept
    inside = np.flatnonzero((places >= window[0]) & (places <= window[1]))
    if not len(inside):
        return kept
    # With a point on either side, since lines lead there.
    near = np.arange(max(0, inside[0] - 1), min(len(values), inside[-1] + 2))
    return np.union1d(kept, near[kept_points(values[near], most)])


def thinned(series: Series, most: int = MOST_POINTS) -> Series:
    """Return the points of a history that `kept_points` keeps; a short one is returned unchanged."""
    if len(series.values) <= most:
        return series
    kept = kept_points(series.values, most).tolist()
    return Series(
        steps=[series.steps[place] for place in kept],
        values=[series.values[place] for place in kept],
        times=[series.times[place] for place in kept],
    )
