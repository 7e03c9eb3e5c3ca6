"""Convert stored values, text, times and histories back to what was logged."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

from trainer.tracking.run import LoggedDataset, Series

__all__ = [
    "LARGEST",
    "as_mapping",
    "in_order_of_use",
    "series_of",
    "series_of_columns",
    "stored_integer",
    "stored_text",
    "stored_value",
]

LARGEST = sys.float_info.max


def stored_value(value: object, is_nan: bool = False) -> float:
    """Return the value that was logged: MLflow stores ±infinity as the largest finite double, and NaN as a flag.

    SQLite columns accept values of any type; anything that is not a number reads as NaN.

    >>> stored_value(-1.7976931348623157e308)
    -inf
    """
    if is_nan or not isinstance(value, int | float) or math.isnan(value):
        return math.nan
    return value if -LARGEST < value < LARGEST else math.copysign(math.inf, value)


def stored_integer(value: object) -> int | None:
    """Return a time or step; None for a value of any other type."""
    return value if isinstance(value, int) else None


def stored_text(value: object) -> str:
    """Return a name or other text, whatever type SQLite stores."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, otherwise an empty one, since other programs may write anything."""
    return value if isinstance(value, Mapping) else {}


def in_order_of_use(found: Iterable[LoggedDataset]) -> tuple[LoggedDataset, ...]:
    """Return the datasets without duplicates, sorted by context, name and digest."""
    return tuple(sorted(set(found), key=lambda each: (each.context, each.name, each.digest)))


def series_of(points: Iterable[tuple[int, float, int]], *, once_a_step: bool) -> Series:
    """Return the series of points `(step, value, time)`, which are sorted by step and time.

    `once_a_step` keeps only the last of several points at one step: a run of Fitboard that returned to the queue and
    started over has logged its first epochs twice.
    """
    kept = list(points)
    if not kept:
        return Series(steps=(), values=(), times=())
    if once_a_step:
        kept = [point for point, after in pairwise(kept) if after[0] != point[0]] + kept[-1:]
    steps, values, times = zip(*kept, strict=True)
    return Series(steps=steps, values=values, times=times)


def series_of_columns(
    steps: Sequence[Any], values: Sequence[Any], times: Sequence[Any], are_nan: Sequence[Any], *, once_a_step: bool
) -> Series:
    """Return the series of the columns (points,) of a database, which are sorted by step.

    SQLite columns accept values of any type; points whose step is not an integer are left out. `once_a_step` is as in
    `series_of`.
    """
    if _are_plain(steps, values, times) and not any(are_nan):
        return Series(steps=steps, values=values, times=times)
    points = [
        (step, stored_value(value, is_nan), stored_integer(time) or 0)
        for step, value, time, is_nan in zip(steps, values, times, are_nan, strict=True)
        if isinstance(step, int)
    ]
    return series_of(sorted(points, key=itemgetter(0, 2)), once_a_step=once_a_step)


def _are_plain(steps: Sequence[Any], values: Sequence[Any], times: Sequence[Any]) -> bool:
    """Return whether all is finite and of its type, and no step is repeated, without a look at each point in Python."""
    if set(map(type, steps)) != {int} or set(map(type, times)) != {int} or set(map(type, values)) != {float}:
        return False
    # Comparisons miss NaN, which a sum does not.
    is_finite = math.isfinite(sum(values)) and min(values) > -LARGEST and max(values) < LARGEST
    return is_finite and len(set(steps)) == len(steps)
