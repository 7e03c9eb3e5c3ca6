"""Descriptions of figures for screen readers."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.arrays import finite
from dashboard.charts.drawing import Drawing
from trainer.format import counted, number

__all__ = ["described"]

# With more traces than this, a screen reader would read for minutes.
_MOST = 12
_TAG = re.compile(r"<[^<>]*>")


def described(figure: go.Figure | Drawing) -> str:
    """Describe a figure: its title or axes, and where each curve begins and ends.

    Example: `loss by epoch. training: 1.071 at 1, 0.077 at 5. validation: 1.197 at 1, 0.112 at 5.`
    """
    drawing = Drawing.of(figure) if isinstance(figure, go.Figure) else figure
    parts = [_subject(drawing.layout), *_traces(drawing.data)]
    if not drawing.data:
        parts += [_words(annotation.get("text")) for annotation in drawing.layout.get("annotations", ())]
    return " ".join(f"{part}." for part in parts if part) or "Empty chart."


def _subject(layout: Mapping[str, Any]) -> str:
    title, across = _title(layout), _title(layout.get("xaxis", {}))
    what = title or _title(layout.get("yaxis", {}))
    return f"{what} by {across}" if what and across else what


def _title(titled: Mapping[str, Any]) -> str:
    return _words(titled.get("title", {}).get("text"))


def _traces(data: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    # Only those that are read are described: their points take a while.
    told = [trace for trace in data if _is_told(trace)]
    yield from islice(filter(None, map(_trace, told)), _MOST)
    if len(told) > _MOST:
        yield f"{len(told) - _MOST} more"


def _is_told(trace: Mapping[str, Any]) -> bool:
    return trace["type"] == "heatmap" or (trace["type"] in {"scatter", "scattergl"} and bool(trace.get("name")))


def _trace(trace: Mapping[str, Any]) -> str:
    if trace["type"] == "heatmap":
        rows = trace.get("z", ())
        return f"Heat map of {len(rows)} rows and {len(rows[0])} columns" if len(rows) else ""
    x, y = _finite(trace.get("x"), trace.get("y"))
    name = _words(trace["name"])
    if not len(y):
        return f"{name}: no values"
    # Only a line has an order in which its first and last point mean anything.
    if "lines" not in (trace.get("mode") or "lines"):
        return f"{name}: {counted(len(y), 'point')}"
    ends = [0] if len(y) == 1 else [0, -1]
    return f"{name}: " + ", ".join(f"{number(float(y[end]))} at {number(float(x[end]))}" for end in ends)


def _finite(x: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    try:
        across, up = np.asarray(() if x is None else x, dtype=float), np.asarray(() if y is None else y, dtype=float)
    except (TypeError, ValueError):  # names instead of numbers
        return np.empty(0), np.empty(0)
    size = min(len(across), len(up))
    kept = finite(across[:size]) & finite(up[:size])
    return across[:size][kept], up[:size][kept]


def _words(text: str | None) -> str:
    """Return a text of a figure as it is read: without Plotly's tags, and with what `literal` escaped restored."""
    return html.unescape(_TAG.sub(" ", text or "")).strip()
