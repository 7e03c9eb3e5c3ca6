"""What all figures share: their empty form, their frame, and typed words shown as they are."""

import html
from typing import Any

import plotly.graph_objects as go

__all__ = ["empty_figure", "frame", "framed", "literal"]


def literal(text: object) -> str:
    """Words for a figure, where Plotly would otherwise read tags in what a person typed."""
    return html.escape(str(text), quote=False)


_AXIS = {"zeroline": False, "gridcolor": "rgba(138,143,152,0.2)", "automargin": True}


def frame(*, height: int = 280) -> dict[str, Any]:
    """A layout with little around it: transparent, no zero lines, its legend above.

    To make a figure of it at once is several times faster than to update one: for what is drawn every second.
    """
    return {
        "height": height,
        "margin": {"l": 48, "r": 12, "t": 40, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "xaxis": dict(_AXIS),
        "yaxis": dict(_AXIS),
    }


def framed(figure: go.Figure, *, height: int = 280) -> go.Figure:
    """The figure with the layout of `frame`, on all its axes."""
    figure.update_layout(**frame(height=height))
    figure.update_xaxes(**_AXIS)
    figure.update_yaxes(**_AXIS)
    return figure


def empty_figure(words: str, *, height: int = 280) -> go.Figure:
    """A figure that says in words why it shows nothing."""
    figure = framed(go.Figure(), height=height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=literal(words), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    return figure
