"""The axes of curves: room around the first and last points, and ticks at the epochs."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from trainer.format import is_finite

__all__ = ["plain_axis", "step_axis", "step_ticks", "value_axis"]

# The share of the width that stays free on either side, so that no mark is cut in half.
_ROOM = 0.03
# With at most this many steps each one has its tick.
_MOST_TICKED = 10
_NICE = (1, 2, 5)


def step_axis(places: Iterable[float], title: str, *, log: bool = False) -> dict[str, Any]:
    """Return the layout of an axis of epochs or steps, from the first to the last one, both ticked.

    Args:
        places: the x values of the points, in any order; only the extremes matter.
        title: the unit below the axis, such as `epoch`.
        log: logarithmic; Plotly then chooses the ticks, and places of 0 or less are left out.
    """
    found = [place for place in places if is_finite(place)]
    layout: dict[str, Any] = {"title": {"text": title, "standoff": 6}, "tickformat": ",~r"}
    if log or not found:
        return layout | _log_range([place for place in found if place > 0], log=log)
    low, high = min(found), max(found)
    # The point of a running epoch lies before the epoch's end, so during the first epoch there is no whole step yet.
    first, last = (math.floor(low), math.ceil(high)) if high < 1 else (math.ceil(low), math.floor(high))
    ticks = step_ticks(first, last)
    return layout | {"range": _with_room(min(low, *ticks), max(high, *ticks)), "tickvals": ticks}


def step_ticks(first: int, last: int) -> list[int]:
    """Return the steps to label from `first` to `last`, both included: all of at most ten, else round ones."""
    if last <= first:
        return [first]
    if last - first < _MOST_TICKED:
        return list(range(first, last + 1))
    # Labels of five digits and more are so wide that only a few fit a chart on a phone.
    wanted = 6 if last < 10_000 else 4
    step = _nice_step((last - first) / wanted)
    inner = range((first // step + 1) * step, last, step)
    return [first, *(each for each in inner if min(each - first, last - each) >= step / 2), last]


def _nice_step(least: float) -> int:
    power = 10 ** math.floor(math.log10(least))
    return int(next((nice * power for nice in _NICE if nice * power >= least), 10 * power))


def plain_axis(places: Sequence[float], title: str, *, log: bool = False) -> dict[str, Any]:
    """Return the layout of an axis of seconds, whose ticks Plotly chooses."""
    found = [place for place in places if is_finite(place)]
    layout: dict[str, Any] = {"title": {"text": title, "standoff": 6}, "tickformat": ",~r", "nticks": 8}
    if log or not found:
        return layout | _log_range([place for place in found if place > 0], log=log)
    return layout | {"range": _with_room(min(found), max(found))}


def value_axis(*, log: bool = False) -> dict[str, Any]:
    """Return the layout of the axis of a metric's values; a logarithmic one leaves out values of 0 and less."""
    # With more ticks Plotly labels all nine of a decade, one over the other.
    return {"nticks": 4 if log else 6, "tickformat": "~g"} | ({"type": "log"} if log else {})


def _with_room(low: float, high: float) -> list[float]:
    room = (high - low) * _ROOM or 0.5
    return [low - room, high + room]


def _log_range(positive: Sequence[float], *, log: bool) -> dict[str, Any]:
    if not log:
        return {}
    # Plotly takes the range of a logarithmic axis as exponents of ten.
    ends = _with_room(math.log10(min(positive)), math.log10(max(positive))) if positive else None
    return {"type": "log"} | ({"range": ends} if ends else {})
