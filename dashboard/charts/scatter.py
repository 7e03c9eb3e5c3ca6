"""A point per run: two of its settings and metrics, or a metric over each setting in turn."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.coloring import Coloring
from dashboard.charts.colors import QUIET
from dashboard.charts.compare import Line
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.scales import MISSING, MISSING_WORD, Scale, are_apart, is_logarithmic, scale_of, tick_words
from trainer.comparison import Variable
from trainer.format import cut, number, one_line

__all__ = ["ScatterInfo", "scatter_drawing", "scatter_info"]

_HEIGHT, _LOW_HEIGHT = 460, 260
_LONGEST = 48
_ROOM = 0.06
# Fewer runs than this at a value have no mean worth a mark.
_FEWEST = 2


class _Axis(NamedTuple):
    """Heights (runs,) along an axis, and its layout."""

    places: NDArray[np.float64]
    layout: dict[str, Any]


class ScatterInfo(NamedTuple):
    """The points of runs; `means` are x, mean and number of the runs that share a value of `x`."""

    lines: tuple[Line, ...]
    x: Variable
    y: Variable
    means: tuple[tuple[float, float, int], ...] = ()


def scatter_info(x: Variable, y: Variable, lines: Sequence[Line], *, with_means: bool = False) -> ScatterInfo:
    """Return the points of the runs `lines`, of which both variables have one value each.

    Args:
        x: the variable along the x axis.
        y: the variable along the y axis.
        lines: how each run is drawn elsewhere.
        with_means: whether to average `y`, where it is a number, over the runs that share a value of `x`.
    """
    means = _means(_places(x), np.asarray(y.numbers, dtype=np.float64)) if with_means and not _is_scaled(y) else ()
    return ScatterInfo(tuple(lines), x, y, means)


def _places(variable: Variable) -> NDArray[np.float64]:
    """Return where the values are along an axis: numbers as they are, and others by a scale."""
    return scale_of(variable).places if _is_scaled(variable) else np.asarray(variable.numbers, dtype=np.float64)


def _is_scaled(variable: Variable) -> bool:
    return variable.numbers is None or None in variable.texts


def _means(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[tuple[float, float, int], ...]:
    at = [(float(place), y[(x == place) & np.isfinite(y)]) for place in np.unique(x[np.isfinite(x)])]
    found = tuple((place, float(values.mean()), len(values)) for place, values in at if len(values) >= _FEWEST)
    return found if len(found) > 1 else ()


def scatter_drawing(info: ScatterInfo, coloring: Coloring, *, small: bool = False) -> Drawing:
    """Draw the points, and the means as a line through rings.

    Args:
        info: the points.
        coloring: the colour of each point.
        small: one of several charts, with the name of `x` as its title.
    """
    across, up = _axis(info.x), _axis(info.y)
    if not (np.isfinite(across.places) & np.isfinite(up.places)).any():
        return Drawing.of(empty_figure("No run has both values", height=_LOW_HEIGHT if small else _HEIGHT))
    layout = frame(height=_LOW_HEIGHT if small else _HEIGHT)
    layout["xaxis"] |= across.layout
    layout["yaxis"] |= up.layout
    layout |= {"hovermode": "closest", "showlegend": coloring.has_legend}
    if small:
        layout["title"] = titled(info.x.name)
        layout["xaxis"].pop("title")
    points = [
        _point(line, place, info, color, (x, y))
        for place, (line, color, x, y) in enumerate(
            zip(info.lines, coloring.colors, across.places.tolist(), up.places.tolist(), strict=True)
        )
        if np.isfinite(x) and np.isfinite(y)
    ]
    return Drawing((*points, *_mean_traces(info), *coloring.key), layout)


def _point(line: Line, place: int, info: ScatterInfo, color: str, at: tuple[float, float]) -> dict[str, Any]:
    words = "<br>".join(literal(_words(variable, place)) for variable in (info.x, info.y))
    return {
        "type": "scatter", "mode": "markers", "x": [at[0]], "y": [at[1]], "meta": line.run_id,
        "marker": {"color": color, "size": 9, "opacity": 0.8}, "name": literal(line.label), "text": [words],
        "hovertemplate": "%{text}", "showlegend": False,
    }  # fmt: skip


def _mean_traces(info: ScatterInfo) -> list[dict[str, Any]]:
    if not info.means:
        return []
    return [
        {
            "type": "scatter", "mode": "lines+markers", "x": [x for x, _, _ in info.means],
            "y": [mean for _, mean, _ in info.means], "name": "mean", "showlegend": False,
            "line": {"color": QUIET, "width": 1.5},
            "marker": {"symbol": "circle-open", "size": 13, "color": QUIET, "line": {"width": 2}},
            "text": [f"mean of {runs} runs: {number(mean)}" for _, mean, runs in info.means],
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]  # fmt: skip


def _words(variable: Variable, place: int) -> str:
    text = variable.texts[place]
    value = MISSING_WORD if text is None else cut(one_line(text), _LONGEST)
    return f"{cut(one_line(variable.name), _LONGEST)}: {value}"


def _axis(variable: Variable) -> _Axis:
    places = _places(variable)
    layout: dict[str, Any] = {"title": {"text": literal(cut(one_line(variable.name), _LONGEST)), "standoff": 6}}
    if _is_scaled(variable):
        return _Axis(places, layout | _ticked(scale_of(variable)))
    if is_logarithmic(variable):
        layout |= {"type": "log", "dtick": 1, "tickformat": "~g"}
    else:
        layout |= {"nticks": 6, "tickformat": ",~g"}
    return _Axis(places, layout | _own_ticks(variable))


def _own_ticks(variable: Variable) -> dict[str, Any]:
    """Return ticks at the values themselves, where these are few."""
    heights = dict(zip(scale_of(variable).places.tolist(), variable.numbers or (), strict=True))
    if not are_apart(sorted(heights)):
        return {}
    return {"tickvals": list(heights.values()), "ticktext": [tick_words(value) for value in heights.values()]}


def _ticked(scale: Scale) -> dict[str, Any]:
    low = MISSING if (scale.places == MISSING).any() else 0.0
    return {
        "tickvals": [place for place, _ in scale.ticks], "ticktext": [literal(words) for _, words in scale.ticks],
        "range": [low - _ROOM, 1 + _ROOM],
    }  # fmt: skip
