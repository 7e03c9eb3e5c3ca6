"""Descriptions of figures for screen readers."""

import html
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import plotly.graph_objects as go

from trainer.format import counted, number

__all__ = ["described"]

# With more traces than this, a screen reader would read for minutes.
_MOST = 12
_TAG = re.compile(r"<[^<>]*>")


def described(figure: go.Figure) -> str:
    """Describe a figure: its title or axes, and where each curve begins and ends.

    Example: `loss by epoch. training: 1.071 at 1, 0.077 at 5. validation: 1.197 at 1, 0.112 at 5.`
    """
    parts = [_subject(figure), *_traces(figure)]
    if not figure.data:
        parts += [_words(annotation.text) for annotation in figure.layout.annotations]
    return " ".join(f"{part}." for part in parts if part) or "Empty chart."


def _subject(figure: go.Figure) -> str:
    title, across = _words(figure.layout.title.text), _words(figure.layout.xaxis.title.text)
    what = title or _words(figure.layout.yaxis.title.text)
    return f"{what} by {across}" if what and across else what


def _traces(figure: go.Figure) -> Iterator[str]:
    told = [text for text in map(_trace, figure.data) if text]
    yield from told[:_MOST]
    if len(told) > _MOST:
        yield f"{len(told) - _MOST} more"


def _trace(trace: Any) -> str:
    if trace.type == "heatmap":
        return f"Heat map of {len(trace.z)} rows and {len(trace.z[0])} columns" if len(trace.z) else ""
    if trace.type not in {"scatter", "scattergl"} or not trace.name:
        return ""
    points = _finite(trace.x, trace.y)
    name = _words(trace.name)
    if not points:
        return f"{name}: no values"
    # Only a line has an order in which its first and last point mean anything.
    if "lines" not in (trace.mode or "lines"):
        return f"{name}: {counted(len(points), 'point')}"
    ends = points if len(points) == 1 else [points[0], points[-1]]
    return f"{name}: " + ", ".join(f"{number(y)} at {number(x)}" for x, y in ends)


def _finite(x: Sequence[Any] | None, y: Sequence[Any] | None) -> list[tuple[float, float]]:
    if x is None or y is None:
        return []
    pairs = zip(x, y, strict=False)
    return [(a, b) for a, b in pairs if isinstance(a, int | float) and isinstance(b, int | float) and math.isfinite(b)]


def _words(text: str | None) -> str:
    """Return a text of a figure as it is read: without Plotly's tags, and with what `literal` escaped restored."""
    return html.unescape(_TAG.sub(" ", text or "")).strip()
