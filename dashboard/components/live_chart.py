"""Charts that keep their zoom, hover and node while their data change.

`st.plotly_chart` (Streamlit 1.67) makes a new element whenever its data change, and loads all of plotly.js, 4.7 MB,
anew in every browser. This component hands the data to `Plotly.react` of a smaller script that browsers keep.
"""

from collections.abc import Mapping
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from dashboard.chart_script import CHART_SCRIPT
from dashboard.charts.described import described

__all__ = ["chart", "live_charts"]

_HERE = Path(__file__).parent

_charts = st.components.v2.component(
    "fitboard_live_charts",
    html='<div class="fitboard-charts"></div>',
    css=(_HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "live_chart.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)

_HEIGHT = 450
"""Points that Plotly gives a figure without a height."""


def chart(figure: go.Figure, *, key: str, bar: bool = True) -> None:
    """Draws one figure in the whole width.

    Args:
        figure: what is drawn, of the traces in `tools/plotly/bundle.js`.
        key: tells this chart from others of the session.
        bar: whether Plotly's tool bar appears under the pointer.
    """
    _draw({key: figure}, key=key, bar=bar, wide=True)


def live_charts(figures: Mapping[str, go.Figure], *, key: str) -> None:
    """Draws figures side by side in as many columns as fit, and updates those that are there already.

    Args:
        figures: by a name that stays the same from one update to the next.
        key: tells this group of charts from others of the session.
    """
    _draw(figures, key=key, bar=True, wide=False)


def _draw(figures: Mapping[str, go.Figure], *, key: str, bar: bool, wide: bool) -> None:
    # As text: the browser parses a figure only when it differs from the one that it has drawn.
    charts = [
        {
            "id": name,
            "figure": figure.to_json(),
            "height": figure.layout.height or _HEIGHT,
            "label": described(figure),
        }
        for name, figure in figures.items()
    ]
    _charts(key=key, data={"charts": charts, "library": CHART_SCRIPT, "bar": bar, "wide": wide})
