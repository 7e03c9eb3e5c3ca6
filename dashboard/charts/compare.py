"""The curves of several runs in one chart per metric."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import plotly.graph_objects as go

from dashboard.charts.axes import plain_axis, step_axis, value_axis
from dashboard.charts.colors import faded, run_color
from dashboard.charts.figures import empty_figure, framed, literal, titled
from dashboard.charts.thinning import thinned
from trainer.format import is_finite, number
from trainer.tracking import Series, short_id

__all__ = [
    "Axis",
    "Break",
    "CompareInfo",
    "Curve",
    "Line",
    "axis_title",
    "compare_figure",
    "compare_info",
    "lines",
    "places_axis",
    "smoothed",
    "x_values",
]

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
# At most this many values fit the box that follows the pointer.
_FEW_RUNS = 8

# (maximum number of runs, width of a line in pixels)
_WIDTHS = ((_FEW_RUNS, 2.0), (20, 1.5), (math.inf, 1.1))

_HEIGHT = 320


class Axis(StrEnum):
    """The unit of the x axis."""

    EPOCH = "epoch"
    TIME = "time"


def axis_title(axis: Axis, unit: str = "epoch") -> str:
    """Return the title of an x axis whose steps are in this unit."""
    return unit if axis is Axis.EPOCH else "seconds since the start"


class Line(NamedTuple):
    """How a run is drawn: its label, its colour, and a dash if another run has the same colour."""

    run_id: str
    label: str
    color: str
    dash: str


class Break(NamedTuple):
    """A value that is not finite (`NaN`, `∞`), drawn at the height of the last finite value before it."""

    x: float
    y: float
    words: str


class Curve(NamedTuple):
    """The points of one run that are drawn; `left_out` counts the others, `smooth` is empty without smoothing."""

    line: Line
    x: tuple[float, ...]
    y: tuple[float, ...]
    smooth: tuple[float, ...]
    breaks: tuple[Break, ...]
    left_out: int


class CompareInfo(NamedTuple):
    """One metric of several runs, with the numbers of logged and of drawn points."""

    metric: str
    axis: Axis
    curves: tuple[Curve, ...]
    points: int
    drawn: int


def lines(
    run_ids: Sequence[str], labels: Mapping[str, str], *, colors: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """Return how to draw runs, so that each keeps its colour and no two look the same.

    Args:
        run_ids: the runs, in the order in which they are drawn.
        labels: run id → label, by default the beginning of the id.
        colors: run id → colour, by default the automatic one.
    """
    used: Counter[str] = Counter()
    drawn = []
    for run_id in run_ids:
        color = (colors or {}).get(run_id) or run_color(run_id)
        drawn.append(Line(run_id, labels.get(run_id, short_id(run_id)), color, _DASHES[used[color] % len(_DASHES)]))
        used[color] += 1
    return tuple(drawn)


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the bias-corrected exponential moving average, as in Adam (https://arxiv.org/abs/1412.6980, section 3).

    `weight` is the weight of earlier values, from 0 (no smoothing) to below 1.
    """
    average, total, result = 0.0, 0.0, []
    for value in values:
        average = weight * average + (1 - weight) * value
        total = weight * total + (1 - weight)
        result.append(average / total)
    return result


def compare_info(
    metric: str,
    series: Mapping[str, Series],
    drawn_as: Sequence[Line],
    *,
    axis: Axis = Axis.EPOCH,
    smoothing: float = 0.0,
    starts: Mapping[str, int] | None = None,
) -> CompareInfo:
    """Return the curves of one metric.

    Args:
        metric: the metric's name.
        series: run id → history; runs without one are left out.
        drawn_as: the runs in the order in which they are drawn.
        axis: by epoch, or by seconds since the run's start.
        smoothing: see `smoothed`.
        starts: run id → start of training in milliseconds since 1970; by default the run's first point.
    """
    curves = [
        _curve(
            line, series[line.run_id], x_values(series[line.run_id], axis, (starts or {}).get(line.run_id)), smoothing
        )
        for line in drawn_as
        if line.run_id in series and len(series[line.run_id].values)
    ]
    points = sum(len(series[curve.line.run_id].values) for curve in curves)
    return CompareInfo(metric, axis, tuple(curves), points, points - sum(curve.left_out for curve in curves))


def x_values(series: Series, axis: Axis, start: int | None) -> Sequence[float]:
    """Return the x values of the points; on a time axis seconds since `start` (in ms), or since the first point."""
    if axis is Axis.EPOCH or not series.times:
        return series.steps
    origin = series.times[0] if start is None else start
    return [(time - origin) / 1000 for time in series.times]


def _curve(line: Line, series: Series, places: Sequence[float], smoothing: float) -> Curve:
    finite = [(x, value) for x, value in zip(places, series.values, strict=True) if is_finite(value)]
    x, y = [x for x, _ in finite], [value for _, value in finite]
    smooth = smoothed(y, smoothing) if smoothing else []
    shown = sorted({*_kept(y), *_kept(smooth)})
    return Curve(
        line,
        tuple(x[index] for index in shown),
        tuple(y[index] for index in shown),
        tuple(smooth[index] for index in shown) if smooth else (),
        _breaks(places, series.values),
        len(y) - len(shown),
    )


def _kept(values: Sequence[float]) -> Sequence[int]:
    """Return the positions that are drawn."""
    places = range(len(values))
    return thinned(Series(steps=places, values=values, times=places)).steps


def _breaks(places: Sequence[float], values: Sequence[float]) -> tuple[Break, ...]:
    """Return the first value of each sequence of values that are not finite; the others would only repeat it."""
    breaks, height, broken = [], 0.0, False
    for x, value in zip(places, values, strict=True):
        if is_finite(value):
            height, broken = value, False
        elif not broken:
            breaks.append(Break(x, height, number(value)))
            broken = True
    return tuple(breaks)


def compare_figure(info: CompareInfo, *, unit: str = "epoch", log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Draw the curves without a legend, since the page has one for all its charts.

    Args:
        info: the curves.
        unit: the unit of a step.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic; values of 0 and less are then not drawn.
    """
    if not info.curves:
        return empty_figure(f"No {info.metric} yet", height=_HEIGHT)
    figure = framed(go.Figure(), height=_HEIGHT)
    width = next(width for most, width in _WIDTHS if len(info.curves) <= most)
    figure.add_traces([trace for curve in info.curves for trace in _traces(curve, width)])
    places = [x for curve in info.curves for x in (*curve.x, *(point.x for point in curve.breaks))]
    figure.update_layout(
        title=titled(info.metric),
        showlegend=False,
        hovermode="x unified" if len(info.curves) <= _FEW_RUNS else "closest",
        hoverlabel={"namelength": 40},
        # A zoom belongs to one scale: Plotly would read its numbers as exponents on the other.
        uirevision=f"{info.metric} {info.axis} {log_x} {log_y}",
        xaxis=places_axis(info.axis, places, unit, log=log_x),
        yaxis=value_axis(log=log_y),
    )
    return figure


def places_axis(axis: Axis, places: Sequence[float], unit: str, *, log: bool = False) -> dict[str, Any]:
    """Return the layout of an axis of epochs or of time, with room around its first and last points."""
    drawn = step_axis if axis is Axis.EPOCH else plain_axis
    return drawn(places, axis_title(axis, unit), log=log)


def _traces(curve: Curve, width: float) -> Iterator[go.Scatter]:
    name = literal(curve.line.label)
    stroke = {"color": curve.line.color, "dash": curve.line.dash, "width": width}
    # The legend finds the curves that it highlights by this id.
    run_id = curve.line.run_id
    if curve.smooth:
        faint = {**stroke, "color": faded(curve.line.color, 0.3), "width": 1}
        yield go.Scatter(x=curve.x, y=curve.y, line=faint, hoverinfo="skip", mode="lines", meta=run_id)
    mode = "lines+markers" if len(curve.x) < 2 else "lines"
    y = curve.smooth or curve.y
    yield go.Scatter(x=curve.x, y=y, line=stroke, name=name, mode=mode, hovertemplate="%{y:.5~g}", meta=run_id)
    if curve.breaks:
        yield go.Scatter(
            x=[point.x for point in curve.breaks],
            y=[point.y for point in curve.breaks],
            mode="markers+text",
            marker={"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": curve.line.color}},
            text=[point.words for point in curve.breaks],
            textposition="top center",
            textfont={"color": curve.line.color},
            name=name,
            hovertemplate="%{text}",
            meta=run_id,
        )
