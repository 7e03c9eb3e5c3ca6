"""Parts that all figures share: the layout, the title, the empty figure, and escaped text."""

import html
from typing import Any

import plotly.graph_objects as go

from trainer.format import cut, one_line

__all__ = ["SQUARE", "empty_figure", "frame", "framed", "literal", "titled"]

SQUARE = {"square": True}
"""The `meta` of a figure whose axes have one scale; in a narrow place it is drawn no taller than wide."""

_LONGEST_TITLE = 48
_TITLE = {
    "x": 0,
    "xref": "paper",
    "y": 1,
    "yref": "container",
    "yanchor": "top",
    "pad": {"t": 12},
    "font": {"size": 14},
}


def literal(text: object) -> str:
    """Return text escaped for a figure, since Plotly renders some HTML tags."""
    return html.escape(str(text), quote=False)


def titled(metric: str) -> dict[str, Any]:
    """Return the title of a metric's chart: at the left above the axes, with room for Plotly's buttons at its right."""
    return {"text": f"<b>{literal(cut(one_line(metric), _LONGEST_TITLE))}</b>", **_TITLE}


_AXIS = {"zeroline": False, "gridcolor": "rgba(138,143,152,0.2)", "automargin": True}


def frame(*, height: int = 280) -> dict[str, Any]:
    """Return a plain layout of `height` pixels: transparent, without zero lines, the legend above the axes.

    Passing it to `go.Figure` is several times faster than updating a figure, which matters for live charts.
    """
    return {
        "height": height,
        "margin": {"l": 48, "r": 12, "t": 40, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "xaxis": dict(_AXIS),
        "yaxis": dict(_AXIS),
    }


def framed(figure: go.Figure, *, height: int = 280) -> go.Figure:
    """Give the figure the layout of `frame`, on all its axes, and return it."""
    figure.update_layout(**frame(height=height))
    figure.update_xaxes(**_AXIS)
    figure.update_yaxes(**_AXIS)
    return figure


def empty_figure(words: str, *, height: int = 280) -> go.Figure:
    """Return a figure without data, with a message in its place."""
    figure = framed(go.Figure(), height=height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=literal(cut(words, 2 * _LONGEST_TITLE)), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
    )
    return figure
