"""Plotly charts that keep their zoom and hover while their data change.

`st.plotly_chart` (Streamlit 1.67) creates a new element whenever its data change, and loads all of plotly.js (4.7 MB).
This component passes the data to `Plotly.react` of a smaller script that browsers cache.
"""

from collections.abc import Mapping
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from dashboard.chart_script import CHART_SCRIPT
from dashboard.charts.described import described
from dashboard.charts.figures import SQUARE

__all__ = ["chart", "live_charts"]

_HERE = Path(__file__).parent

_charts = st.components.v2.component(
    "fitboard_live_charts",
    html='<div class="fitboard-charts"></div>',
    css=(_HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "live_chart.js").read_text(encoding="utf-8"),
    # Without a shadow root, so that the legend of Compare finds the curves in the document.
    isolate_styles=False,
)

# Plotly's default height of a figure in pixels.
_HEIGHT = 450


def chart(figure: go.Figure, *, key: str, bar: bool = True, dark: go.Figure | None = None) -> None:
    """Draw one figure in the full width of its container.

    Args:
        figure: a figure whose traces are in `plotly_js/source/bundle.js`.
        key: unique in the session.
        bar: whether Plotly's tool bar appears on hover.
        dark: the figure for a dark page, where its colours differ; by default the same.
    """
    _draw({key: figure}, key=key, bar=bar, wide=True, dark=None if dark is None else dark.to_json())


def live_charts(figures: Mapping[str, go.Figure], *, key: str) -> None:
    """Draw figures in as many columns as fit; a chart that is already drawn is updated.

    Args:
        figures: the figures by name; a name identifies a chart across updates.
        key: unique in the session.
    """
    _draw(figures, key=key, bar=True, wide=False)


def _draw(figures: Mapping[str, go.Figure], *, key: str, bar: bool, wide: bool, dark: str | None = None) -> None:
    # Sent as text, so that the browser parses only figures that have changed.
    charts = [
        {
            "id": name,
            "figure": figure.to_json(),
            "dark": dark,
            "height": figure.layout.height or _HEIGHT,
            "label": described(figure),
            "square": figure.layout.meta == SQUARE,
        }
        for name, figure in figures.items()
    ]
    _charts(key=key, data={"charts": charts, "library": CHART_SCRIPT, "bar": bar, "wide": wide})
