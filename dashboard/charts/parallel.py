"""Parallel coordinates: an axis per setting and metric, and a line per run through its values."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.coloring import Coloring
from dashboard.charts.colors import QUIET
from dashboard.charts.compare import Line
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal
from dashboard.charts.scales import MISSING, MISSING_WORD, Scale, scale_of
from trainer.comparison import Variable
from trainer.format import cut, one_line

__all__ = ["ParallelInfo", "parallel_drawing", "parallel_info"]

_HEIGHT = 400
_ROOM = 0.06
# Characters of an axis's name and of a value, and pixels between two axes, below which names would overlap.
_LONGEST_NAME, _LONGEST_VALUE, _DISTANCE = 18, 60, 120
# Lines of a name, pixels of each, and where one may end.
_MOST_LINES, _LINE = 3, 15
_PARTS = re.compile(r"[^._/ -]*[._/ -]*")
_MANY_RUNS = 40


class ParallelInfo(NamedTuple):
    """The runs and the axes; `words` (runs, axes) are the values for the pointer."""

    lines: tuple[Line, ...]
    scales: tuple[Scale, ...]
    words: tuple[tuple[str, ...], ...]

    @property
    def places(self) -> NDArray[np.float64]:
        """The heights (runs, axes) of the lines."""
        return np.stack([scale.places for scale in self.scales], axis=1) if self.scales else np.empty((0, 0))

    def within(self, brushes: Mapping[str, tuple[float, float]]) -> tuple[int, ...]:
        """Return the places of the runs whose values are within every brush: axis → lowest and highest height."""
        chosen = [(at, brushes[scale.name]) for at, scale in enumerate(self.scales) if scale.name in brushes]
        fits = np.ones(len(self.lines), dtype=bool)
        for at, (low, high) in chosen:
            fits &= (self.places[:, at] >= low) & (self.places[:, at] <= high)
        return tuple(np.flatnonzero(fits).tolist())


def parallel_info(variables: Sequence[Variable], lines: Sequence[Line]) -> ParallelInfo:
    """Return the axes of variables and the lines of runs; each variable has a value for each of `lines`."""
    words = zip(*[_words(variable) for variable in variables], strict=True)
    return ParallelInfo(tuple(lines), tuple(scale_of(variable) for variable in variables), tuple(words))


def _words(variable: Variable) -> list[str]:
    name = cut(one_line(variable.name), _LONGEST_VALUE)
    values = (MISSING_WORD if text is None else cut(one_line(text), _LONGEST_VALUE) for text in variable.texts)
    return [f"{name}: {value}" for value in values]


def parallel_drawing(info: ParallelInfo, coloring: Coloring, *, merged: bool = False) -> Drawing:
    """Draw the lines of runs; where a value is missing, a line goes through a place below the axis.

    Args:
        info: the runs and the axes.
        coloring: the colour of each run.
        merged: draw runs of one colour as a single trace, which takes a browser a tenth of the time for hundreds of
            runs; lines can then neither be highlighted nor brushed one by one.
    """
    if not info.scales or not info.lines:
        return Drawing.of(empty_figure("No run has a value", height=_HEIGHT))
    last = len(info.scales) - 1
    has_missing = bool((info.places == MISSING).any())
    layout = frame(height=_HEIGHT)
    titles = [_title(scale) for scale in info.scales]
    layout["margin"] = {"l": 56, "r": 24, "t": 19 + _LINE * max(map(len, titles)), "b": 14}
    layout["xaxis"] |= {
        "range": [-0.15, last + 0.45], "side": "top", "showgrid": False, "fixedrange": True, "tickangle": 0,
        "ticklabeloverflow": "allow",
        "tickvals": list(range(last + 1)), "ticktext": ["<br>".join(title) for title in titles],
    }  # fmt: skip
    layout["yaxis"] |= {
        "range": [(MISSING if has_missing else 0) - _ROOM, 1 + _ROOM], "visible": False, "fixedrange": True,
    }  # fmt: skip
    layout |= {
        "meta": {"least": _DISTANCE * len(info.scales)}, "dragmode": False, "hovermode": "closest",
        "showlegend": coloring.has_legend,
        "shapes": [_axis(place) for place in range(last + 1)],
        "annotations": [_tick(at, *tick) for at, scale in enumerate(info.scales) for tick in scale.ticks],
    }  # fmt: skip
    if coloring.has_legend:
        layout["legend"] = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.02, "yanchor": "top"}
    return Drawing((*(_merged(info, coloring) if merged else _lines(info, coloring)), *coloring.key), layout)


def _lines(info: ParallelInfo, coloring: Coloring) -> list[dict[str, Any]]:
    width, opacity = (1.2, 0.6) if len(info.lines) > _MANY_RUNS else (2, 0.85)
    return [
        {
            "type": "scatter", "mode": "lines", "x": list(range(len(info.scales))), "y": heights,
            "line": {"color": color, "width": width}, "opacity": opacity, "meta": line.run_id,
            "name": literal(line.label), "text": [literal(each) for each in words], "hovertemplate": "%{text}",
            "showlegend": False,
        }
        for line, heights, words, color in zip(
            info.lines, info.places.tolist(), info.words, coloring.colors, strict=True
        )
    ]  # fmt: skip


def _merged(info: ParallelInfo, coloring: Coloring) -> list[dict[str, Any]]:
    """Return a trace per colour, in which a gap parts the lines of runs."""
    places: dict[str, list[int]] = {}
    for at, color in enumerate(coloring.colors):
        places.setdefault(color, []).append(at)
    width, opacity = (1.2, 0.6) if len(info.lines) > _MANY_RUNS else (2, 0.85)
    x = [*map(float, range(len(info.scales))), np.nan]
    gap = np.full((1, 1), np.nan)
    return [
        {
            "type": "scatter", "mode": "lines", "x": np.asarray(x * len(runs)),
            "y": np.concatenate([np.append(info.places[at], gap) for at in runs]),
            "line": {"color": color, "width": width}, "opacity": opacity, "hovertemplate": "%{text}<extra></extra>",
            "text": [text for at in runs for text in (*_named(info, at), "")], "showlegend": False,
        }
        for color, runs in places.items()
    ]  # fmt: skip


def _named(info: ParallelInfo, at: int) -> list[str]:
    return [literal(f"{info.lines[at].label}, {words}") for words in info.words[at]]


def _title(scale: Scale) -> list[str]:
    """Return the name of an axis on as many lines as it needs, broken after a word where one ends in time."""
    name = one_line(scale.name) + (" (log)" if scale.log else "")
    found = [""]
    for part in _PARTS.findall(name):
        if found[-1] and len(found[-1] + part.rstrip()) > _LONGEST_NAME:
            found.append("")
        found[-1] += part
        while len(found[-1].rstrip()) > _LONGEST_NAME:
            found[-1:] = [found[-1][:_LONGEST_NAME], found[-1][_LONGEST_NAME:]]
    shown = found[:_MOST_LINES]
    if len(found) > _MOST_LINES:
        shown[-1] = cut(shown[-1] + found[_MOST_LINES], _LONGEST_NAME)
    return [literal(line.rstrip()) for line in shown]


def _axis(place: int) -> dict[str, Any]:
    return {
        "type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "layer": "above",
        "line": {"color": QUIET, "width": 1.5},
    }  # fmt: skip


def _tick(place: int, height: float, words: str) -> dict[str, Any]:
    return {
        "x": place, "y": height, "text": literal(words), "showarrow": False, "xanchor": "left", "xshift": 12,
        "font": {"size": 11},
    }  # fmt: skip
