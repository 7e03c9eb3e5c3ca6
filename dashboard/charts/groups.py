"""The curves of groups of runs, one chart per metric: each group's mean with its 95 % interval as a band."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import plotly.graph_objects as go

from dashboard.charts.axes import value_axis
from dashboard.charts.colors import faded
from dashboard.charts.compare import Axis, Line, places_axis, smoothed, x_values
from dashboard.charts.figures import empty_figure, framed, literal, titled
from dashboard.charts.thinning import thinned
from trainer.format import is_finite
from trainer.statistics import Summary, course_of
from trainer.tracking import Series

__all__ = ["Band", "GroupsInfo", "Member", "groups_figure", "groups_info"]

_HEIGHT = 320


class Member(NamedTuple):
    """The points of one run of a group, which are drawn faintly."""

    x: tuple[float, ...]
    y: tuple[float, ...]


class Band(NamedTuple):
    """The drawn points of one group: summaries over its runs, up to the step that all runs reached, and each run.

    `ends` are the runs' last steps, whatever the axis.
    """

    line: Line
    x: tuple[float, ...]
    summaries: tuple[Summary, ...]
    ends: tuple[int, ...]
    members: tuple[Member, ...]


class GroupsInfo(NamedTuple):
    """One metric of several groups."""

    metric: str
    axis: Axis
    bands: tuple[Band, ...]


def groups_info(
    metric: str,
    series: Mapping[str, Series],
    groups: Sequence[tuple[Line, Sequence[str]]],
    *,
    axis: Axis = Axis.EPOCH,
    smoothing: float = 0.0,
    starts: Mapping[str, int] | None = None,
) -> GroupsInfo:
    """Return the means and intervals of one metric.

    Args:
        metric: the metric's name.
        series: run id → history; runs without one are left out.
        groups: how each group is drawn, and the ids of its runs.
        axis: by epoch, or by seconds since each run's start; a mean is then drawn at the mean time of its epoch.
        smoothing: see `compare.smoothed`; each run is smoothed before the mean is taken.
        starts: run id → start of training in milliseconds since 1970; by default the run's first point.
    """
    bands = []
    for line, run_ids in groups:
        points = [
            _points(series[run_id], axis, (starts or {}).get(run_id), smoothing)
            for run_id in run_ids
            if run_id in series
        ]
        if any(points):
            bands.append(_band(line, [each for each in points if each]))
    return GroupsInfo(metric, axis, tuple(bands))


# Step → (x, value).
_Points = dict[int, tuple[float, float]]


def _points(series: Series, axis: Axis, start: int | None, smoothing: float) -> _Points:
    """Return the finite values; of a step that was logged twice, the value that was logged last."""
    rows = zip(series.steps, x_values(series, axis, start), series.values, strict=True)
    known = {step: (place, value) for step, place, value in rows if is_finite(value)}
    if not smoothing:
        return known
    values = smoothed([value for _, value in known.values()], smoothing)
    return {step: (place, value) for (step, (place, _)), value in zip(known.items(), values, strict=True)}


def _band(line: Line, members: Sequence[_Points]) -> Band:
    course = course_of([{step: value for step, (_, value) in each.items()} for each in members])
    kept = _kept([summary.mean for summary in course.summaries])
    steps = [course.steps[index] for index in kept]
    return Band(
        line,
        tuple(fmean(each[step][0] for each in members) for step in steps),
        tuple(course.summaries[index] for index in kept),
        course.ends,
        tuple(_member(list(each.values())) for each in members) if len(members) > 1 else (),
    )


def _member(points: Sequence[tuple[float, float]]) -> Member:
    shown = [points[index] for index in _kept([value for _, value in points])]
    return Member(tuple(place for place, _ in shown), tuple(value for _, value in shown))


def _kept(values: Sequence[float]) -> Sequence[int]:
    """Return the positions that are drawn."""
    return thinned(Series(steps=range(len(values)), values=values, times=range(len(values)))).steps


def groups_figure(info: GroupsInfo, *, unit: str = "epoch", log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Draw the means and their intervals without a legend, since the page has one for all its charts.

    Args:
        info: the means and intervals.
        unit: the unit of a step.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic; values of 0 and less are then not drawn.
    """
    if not info.bands:
        return empty_figure(f"No {info.metric} yet", height=_HEIGHT)
    figure = framed(go.Figure(), height=_HEIGHT)
    figure.add_traces([trace for band in info.bands for trace in _traces(band, log_y=log_y)])
    places = [x for band in info.bands for x in (*band.x, *(place for member in band.members for place in member.x))]
    figure.update_layout(
        title=titled(info.metric),
        showlegend=False,
        hovermode="x unified",
        hoverlabel={"namelength": 40},
        uirevision=f"{info.metric} {info.axis} by group {log_x} {log_y}",
        xaxis=places_axis(info.axis, places, unit, log=log_x),
        yaxis=value_axis(log=log_y),
    )
    return figure


def _traces(band: Band, *, log_y: bool) -> Iterator[go.Scatter]:
    for member in band.members:
        stroke = {"color": faded(band.line.color, 0.3), "dash": band.line.dash, "width": 1}
        mode = "lines+markers" if len(member.x) < 2 else "lines"
        yield go.Scatter(x=member.x, y=member.y, line=stroke, mode=mode, hoverinfo="skip", meta=band.line.run_id)
    spread = [(x, each) for x, each in zip(band.x, band.summaries, strict=True) if each.low is not None]
    if spread:
        forth, back = spread, list(reversed(spread))
        yield go.Scatter(
            x=[x for x, _ in (*forth, *back)],
            y=[each.high for _, each in forth] + [_seen(each, log_y=log_y) for _, each in back],
            fill="toself",
            fillcolor=faded(band.line.color, 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            meta=band.line.run_id,
        )
    yield go.Scatter(
        x=band.x,
        y=[each.mean for each in band.summaries],
        line={"color": band.line.color, "dash": band.line.dash, "width": 2},
        mode="lines+markers" if len(band.x) < 2 else "lines",
        name=literal(band.line.label),
        text=[_interval(each) for each in band.summaries],
        hovertemplate="%{y:.5~g}%{text}",
        meta=band.line.run_id,
    )


def _seen(summary: Summary, *, log_y: bool) -> float | None:
    """Return the lower end of an interval.

    On a logarithmic axis an end of 0 or less becomes a hundredth of the mean, since the band would have no edge.
    """
    if not log_y or summary.low is None or summary.low > 0:
        return summary.low
    return summary.mean / 100 if summary.mean > 0 else None


def _interval(summary: Summary) -> str:
    return "" if summary.low is None else f" ({summary.low:.4g} to {summary.high:.4g}, n {summary.n})"
