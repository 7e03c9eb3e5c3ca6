"""Where the points of a curve stand: the x axis by epoch, by step, by time since the start, or by time of day."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.axes import plain_axis, step_axis
from trainer.tracking import Series

__all__ = ["Axis", "axis_title", "places_axis", "places_of"]

_MINUTE_MS = 60_000


class Axis(StrEnum):
    """The unit of the x axis: `step` is as logged, `time` is since the start."""

    EPOCH = "epoch"
    STEP = "step"
    TIME = "time"
    CLOCK = "time of day"

    @property
    def is_time(self) -> bool:
        """Whether points stand at the time at which they were logged."""
        return self in {Axis.TIME, Axis.CLOCK}


def axis_title(axis: Axis, unit: str = "epoch", east: int = 0) -> str:
    """Return the title of an x axis whose steps are in this unit, or whose clock is so many minutes east of UTC."""
    if axis.is_time:
        return "seconds since the start" if axis is Axis.TIME else f"time of day ({_zone(east)})"
    return unit


def _zone(east: int) -> str:
    """Return the name of a clock: `UTC`, `UTC+2`, `UTC−3:30`."""
    hours, minutes = divmod(abs(east), 60)
    return "UTC" if not east else f"UTC{'−' if east < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def places_of(series: Series, axis: Axis, start: int | None = None, east: int = 0) -> NDArray[np.float64]:
    """Return the x values (points,) of a history.

    Args:
        series: the history.
        axis: seconds since the start, milliseconds of the clock since 1970, or the steps.
        start: the start in milliseconds since 1970, by default the first point.
        east: minutes by which the clock of a time of day is ahead of UTC.
    """
    if not axis.is_time or not len(series.times):
        return np.asarray(series.steps, dtype=np.float64)
    times = np.asarray(series.times, dtype=np.float64)
    if axis is Axis.CLOCK:
        # Plotly shows milliseconds since 1970 as UTC.
        return times + east * _MINUTE_MS
    return (times - (times[0] if start is None else start)) / 1000


def places_axis(
    axis: Axis, places: Iterable[NDArray[np.float64]], unit: str, *, log: bool = False, east: int = 0
) -> dict[str, Any]:
    """Return the layout of an x axis, with room around its first and last points.

    Args:
        axis: what it shows.
        places: the x values of each curve.
        unit: the unit of a step.
        log: logarithmic; a time of day has no logarithm and stays linear.
        east: minutes by which the clock of a time of day is ahead of UTC.
    """
    title = axis_title(axis, unit, east)
    every = np.concatenate([np.empty(0), *places])
    if axis is Axis.CLOCK:
        ends = _ends(every)
        # One moment alone would get a range of a millisecond.
        alone = [ends[0] - _MINUTE_MS, ends[0] + _MINUTE_MS] if ends and ends[0] == ends[1] else ends
        return plain_axis(alone, title) | {"type": "date", "tickformat": ""}
    drawn = plain_axis if axis is Axis.TIME else step_axis
    # Places of 0 and less have no logarithm, so the range of that axis begins at the first above.
    return drawn(_ends(every[every > 0] if log else every), title, log=log)


def _ends(places: NDArray[np.float64]) -> list[float]:
    return [float(places.min()), float(places.max())] if len(places) else []
