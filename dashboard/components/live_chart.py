"""Charts that grow while one looks: zoom, hover and the node itself stay as data come.

`st.plotly_chart` makes a new element whenever its data change. This component hands new data to
`Plotly.react` instead. The script is the one that plotly's own package carries, so no network is needed; it is
5 MB, so a component of its own brings it once a session and not with every update.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st

__all__ = ["chart_library", "live_charts"]

_HERE = Path(__file__).parent
_PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


_LIBRARY = "if (!window.Plotly) {\n" + _PLOTLY.read_text(encoding="utf-8") + "\n}\nexport default () => {};\n"

_library = st.components.v2.component("fitboard_plotly", js=_LIBRARY)
_charts = st.components.v2.component(
    "fitboard_live_charts",
    html='<div class="fitboard-charts"></div>',
    css=(_HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "live_chart.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def chart_library() -> None:
    """Brings Plotly's script to the browser. Call it outside of fragments, which would send it again each time."""
    _library(key="fitboard-plotly", height=1)


def live_charts(figures: Mapping[str, go.Figure], *, key: str, library: bool = True) -> None:
    """Draws figures side by side in as many columns as fit, and updates those that are there already.

    Args:
        figures: by a name that stays the same from one update to the next.
        key: tells this group of charts from others of the session.
        library: whether to call `chart_library` too; not where the page has done so.
    """
    if library:
        chart_library()
    charts = [{"id": name, "figure": json.loads(figure.to_json())} for name, figure in figures.items()]
    _charts(key=key, data={"charts": charts})
