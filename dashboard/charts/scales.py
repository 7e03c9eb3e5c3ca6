"""Variables of runs on a scale from 0 to 1, as an axis of parallel coordinates or a range of colours has them."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.arrays import finite
from trainer.comparison import Variable
from trainer.format import count, cut, one_line

__all__ = ["MISSING", "MISSING_WORD", "Scale", "are_apart", "is_logarithmic", "scale_of", "tick_words"]

MISSING = -0.12
"""The place of a missing value, apart from all others."""
MISSING_WORD = "none"
# Positive numbers that span more than this factor, as learning rates do, are on a logarithmic scale.
_WIDE = 50
# Up to so many numbers are all ticked unless they are close together; else these places are.
_MOST_TICKS, _APART = 6, 0.07
_LONG = 1e6
_BETWEEN = (0.0, 0.25, 0.5, 0.75, 1.0)
# Of more texts than this, only every n-th is ticked.
_MOST_TEXTS = 12
_LONGEST = 16


class Scale(NamedTuple):
    """Where the runs are: `places` (runs,) from 0 to 1, or `MISSING`; `ticks` are places with their values in words."""

    name: str
    places: NDArray[np.float64]
    ticks: tuple[tuple[float, str], ...]
    log: bool = False


def scale_of(variable: Variable) -> Scale:
    """Return the scale of a variable: linear or logarithmic for numbers, and equal distances between texts."""
    if variable.numbers is None:
        return _of_texts(variable)
    numbers = np.asarray(variable.numbers, dtype=np.float64)
    is_known = finite(numbers)
    log = is_logarithmic(variable)
    # Halved, since the distance of the smallest to the largest double is infinite.
    heights = np.log10(numbers[is_known]) if log else numbers[is_known] / 2
    low, high = (heights.min(), heights.max()) if len(heights) else (0.0, 0.0)
    places = np.full(len(numbers), MISSING)
    places[is_known] = (heights - low) / (high - low) if high > low else 0.5
    return Scale(
        variable.name, places, _with_missing(_ticks(numbers[is_known], places[is_known], low, high, log), places), log
    )


def is_logarithmic(variable: Variable) -> bool:
    """Return whether the numbers of a variable are all positive and span more than a factor of 50."""
    known = [value for value in variable.numbers or () if math.isfinite(value)]
    return bool(known) and min(known) > 0 and max(known) / min(known) > _WIDE


def _ticks(
    numbers: NDArray[np.float64], places: NDArray[np.float64], low: float, high: float, log: bool
) -> list[tuple[float, str]]:
    own = sorted(dict(zip(places.tolist(), numbers.tolist(), strict=True)).items())
    if len(own) <= _MOST_TICKS:
        return [(place, tick_words(value)) for place, value in _apart(own)]
    heights = [low + (high - low) * place for place in _BETWEEN]
    if not log and (numbers == np.floor(numbers)).all():
        # A count has no halves.
        heights = [round(2 * height) / 2 for height in heights]
    between = [(height - low) / (high - low) for height in heights]
    return [
        (place, tick_words(float(10**height if log else 2 * height)))
        for place, height in zip(between, heights, strict=True)
    ]


def _apart(ticks: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the first and the last of sorted ticks, and those between that are far enough from the one before."""
    kept = ticks[:1]
    for tick in ticks[1:-1]:
        if tick[0] - kept[-1][0] >= _APART <= ticks[-1][0] - tick[0]:
            kept.append(tick)
    return kept + ticks[1:][-1:]


def are_apart(places: Sequence[float]) -> bool:
    """Return whether sorted places from 0 to 1 are so few and so far apart that each can have a tick."""
    return len(places) <= _MOST_TICKS and all(after - before >= _APART for before, after in pairwise(places))


def tick_words(value: float) -> str:
    """Return a number with up to four significant digits: `0.01`, `128`, `1e-05`."""
    return (
        count(int(value)) if value == int(value) and abs(value) < _LONG else f"{value:.4g}".replace("-", "−", value < 0)
    )


def _of_texts(variable: Variable) -> Scale:
    known = sorted({text for text in variable.texts if text is not None}, key=_order)
    last = max(1, len(known) - 1)
    place = {text: (at / last if len(known) > 1 else 0.5) for at, text in enumerate(known)}
    places = np.asarray([MISSING if text is None else place[text] for text in variable.texts], dtype=np.float64)
    ticked = known[:: -(-len(known) // _MOST_TEXTS) or 1]
    ticks = [(place[text], cut(one_line(text), _LONGEST) or "“”") for text in ticked]
    return Scale(variable.name, places, _with_missing(ticks, places))


def _order(text: str) -> tuple[float, str]:
    """Sort numbers among texts by their size."""
    try:
        value = float(text)
    except ValueError:
        return math.inf, text
    return (math.inf if math.isnan(value) else value), text


def _with_missing(ticks: Sequence[tuple[float, str]], places: NDArray[np.float64]) -> tuple[tuple[float, str], ...]:
    return ((MISSING, MISSING_WORD), *ticks) if (places == MISSING).any() else tuple(ticks)
