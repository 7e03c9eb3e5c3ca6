"""Plotly charts that keep their zoom and hover while their data change.

`st.plotly_chart` (Streamlit 1.67) creates a new element whenever its data change, and loads all of plotly.js (4.7 MB).
This component passes the data to `Plotly.react` of a smaller script that browsers cache.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.browser_part import browser_part
from dashboard.chart_script import CHART_SCRIPT
from dashboard.charts.described import described
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import SQUARE
from dashboard.charts.tables import ChartTable
from dashboard.charts.thinning import Window

__all__ = ["chart", "live_charts", "zooms"]

_HERE = Path(__file__).parent

_charts = browser_part(
    "fitboard_live_charts",
    _HERE,
    "live_chart.css",
    "chart_menu.js",
    "live_chart.js",
    html='<div class="fitboard-charts"></div>',
)

# Plotly's default height of a figure in pixels.
_HEIGHT = 450
_ASKED = "{}.asked"


def chart(
    figure: go.Figure | Drawing,
    *,
    key: str,
    bar: bool = True,
    dark: go.Figure | None = None,
    table: Callable[[], ChartTable] | None = None,
) -> None:
    """Draw one figure in the full width of its container, or wider if its `meta` has a `least` width in pixels.

    Args:
        figure: a figure whose traces are in `plotly_js/source/bundle.js`.
        key: unique in the session.
        bar: whether Plotly's tool bar appears on hover.
        dark: the figure for a dark page, where its colours differ; by default the same.
        table: returns the numbers to save as CSV.
    """
    tables = None if table is None else lambda _: table()
    _draw({key: figure}, key=key, bar=bar, wide=True, dark=None if dark is None else dark.to_json(), tables=tables)


def live_charts(
    figures: Mapping[str, go.Figure | Drawing],
    *,
    key: str,
    thinned: Collection[str] = (),
    tables: Callable[[str], ChartTable] | None = None,
) -> None:
    """Draw figures in as many columns as fit; a chart that is already drawn is updated.

    Args:
        figures: the figures by name; a name identifies a chart across updates.
        key: unique in the session.
        thinned: names of figures that leave out points: a zoom redraws the fragment, and `zooms` says what it shows.
        tables: returns the numbers of a figure to save as CSV, of all its points.
    """
    _draw(figures, key=key, bar=True, wide=False, thinned=thinned, tables=tables)


def zooms(key: str) -> dict[str, Window]:
    """Return name → the part of the x axis that a zoom shows, of the thinned charts that were drawn with this key."""
    state = st.session_state[key] if key in st.session_state else {}  # noqa: SIM401
    found = state.get("zoom") or {}
    return {str(name): (float(ends[0]), float(ends[1])) for name, ends in dict(found).items() if _is_window(ends)}


def _is_window(ends: object) -> bool:
    if not isinstance(ends, list) or len(ends) != 2:
        return False
    return all(isinstance(end, int | float) and math.isfinite(end) for end in ends) and ends[0] <= ends[1]


def _draw(
    figures: Mapping[str, go.Figure | Drawing],
    *,
    key: str,
    bar: bool,
    wide: bool,
    dark: str | None = None,
    thinned: Collection[str] = (),
    tables: Callable[[str], ChartTable] | None = None,
) -> None:
    # Sent as text, so that the browser parses only figures that have changed.
    charts = [
        {
            "id": name,
            "figure": figure.to_json(),
            "dark": dark,
            "height": _layout(figure).get("height") or _HEIGHT,
            "label": described(figure),
            "square": _layout(figure).get("meta") == SQUARE,
            "least": (_layout(figure).get("meta") or {}).get("least", 0),
            "thinned": name in thinned,
            "table": tables is not None,
        }
        for name, figure in figures.items()
    ]
    data = {"charts": charts, "library": CHART_SCRIPT, "bar": bar, "wide": wide, "csv": _csv(key, figures, tables)}
    _charts(key=key, data=data, on_zoom_change=_nothing, on_csv_change=partial(_ask_for, key))


def _ask_for(key: str) -> None:
    """Remember the chart whose numbers are to be saved, until it is drawn again."""
    st.session_state[_ASKED.format(key)] = st.session_state[key]["csv"]


def _csv(
    key: str, figures: Collection[str], tables: Callable[[str], ChartTable] | None
) -> Mapping[str, str | int] | None:
    """Return the CSV that was just asked for, with a number by which the browser saves it once."""
    asked = _ASKED.format(key)
    name: str | None = st.session_state.pop(asked) if asked in st.session_state else None
    if tables is None or name is None or name not in figures:
        return None
    return {"name": name, "text": tables(name).to_csv(), "number": time.monotonic_ns()}


def _layout(figure: go.Figure | Drawing) -> Mapping[str, Any]:
    return (
        figure.layout if isinstance(figure, Drawing) else {"height": figure.layout.height, "meta": figure.layout.meta}
    )


def _nothing() -> None:
    """Do nothing: Streamlit (1.67) reports only states with a callback."""
