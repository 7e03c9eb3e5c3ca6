"""What all figures share: their empty form, their frame, and typed words shown as they are."""

import html

import plotly.graph_objects as go

from dashboard.charts.colors import QUIET

__all__ = ["empty_figure", "framed", "literal"]


def literal(text: object) -> str:
    """Words for a figure, where Plotly would otherwise read tags in what a person typed."""
    return html.escape(str(text), quote=False)


def framed(figure: go.Figure, *, height: int = 280) -> go.Figure:
    """The figure with little around it: transparent, no zero lines, its legend above."""
    figure.update_layout(
        height=height,
        margin={"l": 48, "r": 12, "t": 40, "b": 36},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 12, "color": QUIET},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )
    axes = {"zeroline": False, "gridcolor": "rgba(138,143,152,0.2)", "automargin": True}
    figure.update_xaxes(**axes)
    figure.update_yaxes(**axes)
    return figure


def empty_figure(words: str, *, height: int = 280) -> go.Figure:
    """A figure that says in words why it shows nothing."""
    figure = framed(go.Figure(), height=height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=literal(words), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    return figure
