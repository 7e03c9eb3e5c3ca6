"""The curves of groups of runs, one chart per metric: each group's mean with its 95 % interval as a band."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.arrays import finite
from dashboard.charts.axes import value_axis
from dashboard.charts.colors import faded
from dashboard.charts.compare import PLAIN, Line, View, most_points
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.places import Axis, places_axis, places_of
from dashboard.charts.smoothing import smoothed
from dashboard.charts.thinning import Window, kept_within
from trainer.statistics import Course, Ends, course_of
from trainer.tracking import Series

__all__ = ["Band", "GroupsInfo", "Member", "groups_drawing", "groups_figure", "groups_info"]

_HEIGHT = 320
# How far the axis follows the intervals beyond the lines on either side, as a share of the lines' span.
_MOST_OF_BANDS = 0.5
# Of the span of the values, above and below them.
_MARGIN = 0.05


class Member(NamedTuple):
    """The drawn points (points,) of one run of a group, which are drawn faintly; `run_id` is its id."""

    run_id: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class Band(NamedTuple):
    """One group: the drawn points of its course, and each run. `left_out` counts the means that are not drawn."""

    line: Line
    course: Course
    members: tuple[Member, ...]
    left_out: int


class GroupsInfo(NamedTuple):
    """One metric of several groups; `points` counts the logged values of their runs."""

    metric: str
    axis: Axis
    bands: tuple[Band, ...]
    points: int


def groups_info(
    metric: str,
    series: Mapping[str, Series],
    groups: Sequence[tuple[Line, Sequence[str]]],
    view: View = PLAIN,
    *,
    ends: Ends = Ends.ALL,
    starts: Mapping[str, int] | None = None,
) -> GroupsInfo:
    """Return the means and intervals of one metric; thinning comes after them and changes no number.

    Args:
        metric: the metric's name.
        series: run id → history; runs without one are left out.
        groups: how each group is drawn, and the ids of its runs.
        view: how curves are drawn; each run is smoothed before the mean is taken, and on an axis of time a mean stands
            at the mean time of its step.
        ends: which runs a mean is over beyond the end of the shortest one.
        starts: run id → start of training in milliseconds since 1970; by default the run's first point.
    """
    curves = sum(len(run_ids) + 1 for _, run_ids in groups)
    bands, points = [], 0
    for line, run_ids in groups:
        having = {run_id: series[run_id] for run_id in run_ids if run_id in series}
        known = {run_id: _points(each, view, (starts or {}).get(run_id)) for run_id, each in having.items()}
        members = {run_id: each for run_id, each in known.items() if len(each[0])}
        points += sum(len(each.values) for each in having.values())
        if members:
            bands.append(_band(line, members, ends, view.window, view.most or most_points(curves)))
    return GroupsInfo(metric, view.axis, tuple(bands), points)


_Points = tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]]
"""Steps, values and places."""


def _points(series: Series, view: View, start: int | None) -> _Points:
    """Return the finite values; of a step that was logged twice, the value that was logged last."""
    steps, values = np.asarray(series.steps), np.asarray(series.values, dtype=np.float64)
    kept = np.flatnonzero(finite(values))
    # Of equal steps the last remains, since steps come in order.
    kept = kept[np.append(steps[kept][1:] != steps[kept][:-1], True)[: len(kept)]]
    places = places_of(series, view.axis, start, view.east)
    numbers = smoothed(values[kept], view.smoothing) if view.smoothing else values[kept]
    return steps[kept], numbers, places[kept]


def _band(line: Line, members: Mapping[str, _Points], ends: Ends, window: Window | None, most: int) -> Band:
    course = course_of(list(members.values()), ends)
    kept = kept_within(course.x, course.mean, window, most)
    faint = tuple(_member(run_id, each, window, most) for run_id, each in members.items()) if len(members) > 1 else ()
    return Band(line, course.at(kept), faint, len(course.steps) - len(kept))


def _member(run_id: str, points: _Points, window: Window | None, most: int) -> Member:
    _, values, places = points
    shown = kept_within(places, values, window, most)
    return Member(run_id, places[shown], values[shown])


def groups_figure(info: GroupsInfo, *, unit: str = "epoch", log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Return the figure of `groups_drawing`, whose every property Plotly has checked."""
    return groups_drawing(info, unit=unit, log_x=log_x, log_y=log_y).figure()


def groups_drawing(
    info: GroupsInfo,
    *,
    unit: str = "epoch",
    log_x: bool = False,
    log_y: bool = False,
    east: int = 0,
    singles: bool = True,
) -> Drawing:
    """Draw the means and their intervals without a legend, since the page has one for all its charts.

    Args:
        info: the means and intervals.
        unit: the unit of a step.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic; values of 0 and less are then not drawn.
        east: minutes by which the clock of a time of day is ahead of UTC.
        singles: whether the single runs are drawn too, faintly.
    """
    if not info.bands:
        return Drawing.of(empty_figure(f"No {info.metric} yet", height=_HEIGHT))
    places = [band.course.x for band in info.bands]
    places += [member.x for band in info.bands for member in band.members if singles]
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= places_axis(info.axis, places, unit, log=log_x, east=east)
    layout["yaxis"] |= value_axis(log=log_y)
    if not log_y and (shown := _value_range(info.bands)):
        layout["yaxis"]["range"] = shown
        # For a group that is isolated, which the range of all may flatten or leave out.
        layout["meta"] = {"ranges": {band.line.run_id: _own_range(band) for band in info.bands}}
    layout |= {
        "title": titled(info.metric),
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"namelength": 40},
        "uirevision": f"{info.metric} {info.axis} {log_x} {log_y}",
    }
    traces = [trace for band in info.bands for trace in _traces(band, log_y=log_y, singles=singles)]
    return Drawing(tuple(traces), layout)


def _value_range(bands: Sequence[Band]) -> list[float]:
    """Return the range that shows all lines, if the intervals of few runs would flatten them; else nothing.

    An interval over two runs is often ten times as wide as their distance, for an accuracy far beyond 0 and 1.
    """
    lines = [each for band in bands for each in (band.course.mean, *(member.y for member in band.members))]
    drawn = np.concatenate([each[np.isfinite(each)] for each in lines])
    edges = np.concatenate([edge[np.isfinite(edge)] for band in bands for edge in (band.course.low, band.course.high)])
    if not drawn.size or not edges.size:
        return []
    low, high = drawn.min(), drawn.max()
    room = (high - low) * _MOST_OF_BANDS
    if room == 0 or (low - room <= edges.min() and edges.max() <= high + room):
        return []
    return [float(max(low - room, edges.min())), float(min(high + room, edges.max()))]


def _own_range(band: Band) -> list[float]:
    """Return the range in which a group is drawn alone: its lines, and its intervals unless they flatten the lines."""
    course = band.course
    values = np.concatenate([course.mean, course.low, course.high, *(member.y for member in band.members)])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return _value_range([band]) or [low - margin, high + margin]


def _traces(band: Band, *, log_y: bool, singles: bool) -> Iterator[dict[str, Any]]:
    """Yield the runs as one faint trace, the interval as another, and the mean."""
    same = {"type": "scatter", "meta": band.line.run_id}
    if singles and band.members:
        faint = {"color": faded(band.line.color, 0.3), "width": 1}
        x, y = (_with_gaps([member.x for member in band.members]), _with_gaps([member.y for member in band.members]))
        yield {**same, "x": x, "y": y, "line": faint, "mode": "lines", "hoverinfo": "skip"}
    course = band.course
    spread = course.at(np.flatnonzero(course.n > 1))
    if len(spread.steps):
        yield {
            **same,
            "x": np.concatenate((spread.x, spread.x[::-1])),
            "y": np.concatenate((spread.high, _seen(spread, log_y=log_y)[::-1])),
            "fill": "toself",
            "fillcolor": faded(band.line.color, 0.18),
            "line": {"width": 0},
            "mode": "lines",
            "hoverinfo": "skip",
        }
        numbers = np.stack((spread.low, spread.high, spread.n.astype(float)), axis=1)
        words = "%{y:.5~g} (%{customdata[0]:.4~g} to %{customdata[1]:.4~g}, n %{customdata[2]})"
        yield {**same, **_mean(band.line, spread), "customdata": numbers, "hovertemplate": words}
    # Of the runs, only one goes on; its line begins where the others end.
    alone = course.at(np.flatnonzero(course.n == 1))
    if len(alone.steps):
        joint = course.at(np.arange(max(0, len(spread.steps) - 1), len(course.steps)))
        yield {**same, **_mean(band.line, joint), "customdata": joint.n, "hovertemplate": "%{y:.5~g} (n %{customdata})"}


def _mean(line: Line, course: Course) -> dict[str, Any]:
    return {
        "x": course.x,
        "y": course.mean,
        "line": {"color": line.color, "dash": line.dash, "width": 2},
        "mode": "lines+markers" if len(course.x) < 2 else "lines",
        "name": literal(line.label),
    }


def _with_gaps(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the arrays one after the other, each followed by NaN, where a line breaks."""
    return np.concatenate([part for each in parts for part in (each, np.array([np.nan]))])


def _seen(spread: Course, *, log_y: bool) -> NDArray[np.float64]:
    """Return the lower ends of the intervals.

    On a logarithmic axis an end of 0 or less becomes a hundredth of the mean, since the band would have no edge.
    """
    if not log_y:
        return spread.low
    edge = np.where(spread.mean > 0, spread.mean / 100, np.nan)
    return np.where(spread.low > 0, spread.low, edge)
