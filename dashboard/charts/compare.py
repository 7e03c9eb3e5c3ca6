"""The curves of several runs in one chart per metric."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.arrays import compact, finite
from dashboard.charts.axes import value_axis
from dashboard.charts.colors import PALETTE, faded, run_color
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.places import Axis, places_axis, places_of
from dashboard.charts.smoothing import smoothed
from dashboard.charts.thinning import MOST_POINTS, Window, kept_within
from trainer.format import number
from trainer.tracking import Series, short_id

__all__ = [
    "PLAIN",
    "Break",
    "CompareInfo",
    "Curve",
    "Line",
    "View",
    "compare_drawing",
    "compare_figure",
    "compare_info",
    "distinct",
    "lines",
    "most_points",
]

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
# At most this many values fit the box that follows the pointer.
_FEW_RUNS = 8

# (maximum number of runs, width of a line in pixels)
_WIDTHS = ((_FEW_RUNS, 2.0), (20, 1.5), (math.inf, 1.1))

_HEIGHT = 320
# Digits that tell numbers of 32 and of 64 bits apart, in d3's format. A 17th would write 0.1 as 0.10000000000000001.
_SINGLE, _DOUBLE = ".9~g", ".16~g"
# Points of a chart, however many curves share them, and the fewest that still show the shape of one.
_MOST_IN_ALL, _FEWEST = 60_000, 120


class Line(NamedTuple):
    """How a run is drawn: its label, its colour, a dash if another run has the same colour, and what sets it apart."""

    run_id: str
    label: str
    color: str
    dash: str
    details: str = ""


class Break(NamedTuple):
    """A value that is not finite (`NaN`, `∞`), drawn at the height of the last finite value before it."""

    x: float
    y: float
    words: str


class Curve(NamedTuple):
    """The drawn points (points,) of one run; `left_out` counts the others, `smooth` is empty without smoothing."""

    line: Line
    x: NDArray[Any]
    y: NDArray[Any]
    smooth: NDArray[Any]
    breaks: tuple[Break, ...]
    left_out: int


class CompareInfo(NamedTuple):
    """One metric of several runs, with the numbers of logged and of drawn points."""

    metric: str
    axis: Axis
    curves: tuple[Curve, ...]
    points: int
    drawn: int


class View(NamedTuple):
    """How curves are drawn.

    `smoothing` is as in `smoothed`, `east` are the minutes by which the clock of a time of day is ahead of UTC,
    `window` is what a zoom shows, and `most` the maximum number of points of a curve, by default by `most_points`.
    """

    axis: Axis = Axis.EPOCH
    smoothing: float = 0.0
    east: int = 0
    window: Window | None = None
    most: int | None = None


PLAIN = View()
"""By epoch, without smoothing or a zoom."""


def lines(
    run_ids: Sequence[str],
    labels: Mapping[str, str],
    *,
    colors: Mapping[str, str] | None = None,
    details: Mapping[str, str] | None = None,
) -> tuple[Line, ...]:
    """Return how to draw runs, so that each keeps its colour and no two look the same.

    Args:
        run_ids: the runs, in the order in which they are drawn.
        labels: run id → label, by default the beginning of the id.
        colors: run id → colour, by default the automatic one.
        details: run id → what sets it apart from the others.
    """
    used: Counter[str] = Counter()
    drawn = []
    for run_id in run_ids:
        color = (colors or {}).get(run_id) or run_color(run_id)
        dash = _DASHES[used[color] % len(_DASHES)]
        drawn.append(Line(run_id, labels.get(run_id, short_id(run_id)), color, dash, (details or {}).get(run_id, "")))
        used[color] += 1
    return tuple(drawn)


def distinct(drawn: Sequence[Line], chosen: Collection[str] = ()) -> tuple[Line, ...]:
    """Return the lines with a colour each as far as the palette goes; those beyond it share one and differ by dash.

    Args:
        drawn: the lines. Of those that share a colour, the first keeps it.
        chosen: ids of the runs whose colour a person chose, which is never changed.
    """
    kept = {line.color: line.run_id for line in reversed(drawn)}
    kept |= {line.color: line.run_id for line in reversed(drawn) if line.run_id in chosen}
    used = Counter(kept.keys())
    colors = {}
    for line in drawn:
        is_own = line.run_id in chosen or kept[line.color] == line.run_id
        colors[line.run_id] = line.color if is_own else min(PALETTE, key=used.__getitem__)
        if not is_own:
            used[colors[line.run_id]] += 1
    again = lines([line.run_id for line in drawn], {}, colors=colors)
    return tuple(line._replace(color=each.color, dash=each.dash) for line, each in zip(drawn, again, strict=True))


def most_points(curves: int) -> int:
    """Return the maximum number of drawn points of each of so many curves."""
    return min(MOST_POINTS, max(_FEWEST, _MOST_IN_ALL // max(1, curves)))


def compare_info(
    metric: str,
    series: Mapping[str, Series],
    drawn_as: Sequence[Line],
    view: View = PLAIN,
    *,
    starts: Mapping[str, int] | None = None,
) -> CompareInfo:
    """Return the curves of one metric.

    Args:
        metric: the metric's name.
        series: run id → history; runs without one are left out.
        drawn_as: the runs in the order in which they are drawn.
        view: how they are drawn.
        starts: run id → start of training in milliseconds since 1970; by default the run's first point.
    """
    having = [line for line in drawn_as if line.run_id in series and len(series[line.run_id].values)]
    most = view.most or most_points(len(having))
    curves = [_curve(line, series[line.run_id], view, (starts or {}).get(line.run_id), most) for line in having]
    points = sum(len(series[line.run_id].values) for line in having)
    return CompareInfo(metric, view.axis, tuple(curves), points, points - sum(curve.left_out for curve in curves))


def _curve(line: Line, series: Series, view: View, start: int | None, most: int) -> Curve:
    values = np.asarray(series.values, dtype=np.float64)
    places = places_of(series, view.axis, start, view.east)
    drawn = finite(values)
    x, y = places[drawn], values[drawn]
    shown = kept_within(x, y, view.window, most)
    smooth = smoothed(y, view.smoothing) if view.smoothing else np.empty(0)
    if view.smoothing:
        shown = np.union1d(shown, kept_within(x, smooth, view.window, most))
    return Curve(
        line,
        compact(x[shown]),
        compact(y[shown]),
        # A weighted mean is not exact, and 32 bits are more than a screen shows.
        (smooth[shown] if view.smoothing else smooth).astype(np.float32),
        _breaks(places, values, drawn),
        len(y) - len(shown),
    )


def _breaks(places: NDArray[np.float64], values: NDArray[np.float64], drawn: NDArray[np.bool_]) -> tuple[Break, ...]:
    """Return the first value of each sequence of values that are not finite; the others would only repeat it."""
    if drawn.all():
        return ()
    begins = np.flatnonzero(~drawn & np.concatenate(([True], drawn[:-1])))
    heights = [float(values[place - 1]) if place else 0.0 for place in begins]
    return tuple(
        Break(float(places[place]), height, number(float(values[place])))
        for place, height in zip(begins, heights, strict=True)
    )


def compare_figure(info: CompareInfo, *, unit: str = "epoch", log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Return the figure of `compare_drawing`, whose every property Plotly has checked."""
    return compare_drawing(info, unit=unit, log_x=log_x, log_y=log_y).figure()


def compare_drawing(
    info: CompareInfo, *, unit: str = "epoch", log_x: bool = False, log_y: bool = False, east: int = 0
) -> Drawing:
    """Draw the curves without a legend, since the page has one for all its charts.

    Args:
        info: the curves.
        unit: the unit of a step.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic; values of 0 and less are then not drawn.
        east: minutes by which the clock of a time of day is ahead of UTC.
    """
    if not info.curves:
        return Drawing.of(empty_figure(f"No {info.metric} yet", height=_HEIGHT))
    width = next(width for most, width in _WIDTHS if len(info.curves) <= most)
    places = [curve.x for curve in info.curves]
    places += [np.array([point.x for point in curve.breaks]) for curve in info.curves if curve.breaks]
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= places_axis(info.axis, places, unit, log=log_x, east=east)
    layout["yaxis"] |= value_axis(log=log_y)
    layout |= {
        "title": titled(info.metric),
        "showlegend": False,
        "hovermode": "x unified" if len(info.curves) <= _FEW_RUNS else "closest",
        "hoverlabel": {"namelength": 40},
        # A zoom belongs to one scale: Plotly would read its numbers as exponents on the other.
        "uirevision": f"{info.metric} {info.axis} {log_x} {log_y}",
    }
    return Drawing(tuple(trace for curve in info.curves for trace in _traces(curve, width)), layout)


def _traces(curve: Curve, width: float) -> Iterator[dict[str, Any]]:
    name = literal(curve.line.label)
    stroke = {"color": curve.line.color, "dash": curve.line.dash, "width": width}
    # The legend finds the curves that it highlights by this id.
    same = {"type": "scatter", "meta": curve.line.run_id}
    if len(curve.smooth):
        faint = {**stroke, "color": faded(curve.line.color, 0.3), "width": 1}
        yield {**same, "x": curve.x, "y": curve.y, "line": faint, "hoverinfo": "skip", "mode": "lines"}
    mode = "lines+markers" if len(curve.x) < 2 else "lines"
    shown = {**same, "x": curve.x, "y": curve.y, "line": stroke, "name": name, "mode": mode}
    if len(curve.smooth):
        shown |= {"y": curve.smooth, "customdata": curve.y}
    yield shown | _hover(curve)
    if curve.breaks:
        yield {
            **same,
            "x": [point.x for point in curve.breaks],
            "y": [point.y for point in curve.breaks],
            "mode": "markers+text",
            "marker": {"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": curve.line.color}},
            "text": [point.words for point in curve.breaks],
            "textposition": "top center",
            "textfont": {"color": curve.line.color},
            "name": name,
            "hovertemplate": "%{text}",
        }


def _hover(curve: Curve) -> dict[str, str]:
    """Return what the pointer shows: the exact value, and what sets the run apart."""
    exact = _SINGLE if curve.y.dtype.itemsize <= np.dtype(np.float32).itemsize else _DOUBLE
    value = f"%{{y:.5~g}}, logged %{{customdata:{exact}}}" if len(curve.smooth) else f"%{{y:{exact}}}"
    if not curve.line.details:
        return {"hovertemplate": value}
    # A template would read `%{…}` that a user typed as a variable.
    return {"hovertemplate": f"{value} · {literal(curve.line.details).replace('%{', '% {')}"}
