"""Brushes on the axes of parallel coordinates: the runs outside of them fade in every chart of the page."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

__all__ = ["brush", "brushes"]

_HERE = Path(__file__).parent
_brush = st.components.v2.component(
    "fitboard_brush",
    html='<div class="fitboard-brushes"><button type="button" hidden>Clear brushes</button></div>',
    css=(_HERE / "brush.css").read_text(encoding="utf-8"),
    js=(_HERE / "brush.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def brush(chart: str, axes: Sequence[str], *, key: str) -> None:
    """Make the axes of a chart of parallel coordinates selectable, by dragging or by arrow keys.

    Args:
        chart: the chart's name in `live_charts`.
        axes: the names of its axes, in their order.
        key: unique in the session; `brushes` reads what was selected.
    """
    _brush(key=key, data={"chart": chart, "axes": list(axes)}, on_brushes_change=_nothing)


def brushes(key: str) -> Mapping[str, tuple[float, float]]:
    """Return axis → the selected part of it, from its lowest to its highest height in the units of the chart."""
    state = st.session_state[key] if key in st.session_state else {}  # noqa: SIM401
    found = dict(state.get("brushes") or {})
    return {str(name): (float(ends[0]), float(ends[1])) for name, ends in found.items() if _is_part(ends)}


def _is_part(ends: object) -> bool:
    if not isinstance(ends, list) or len(ends) != 2:
        return False
    return all(isinstance(end, int | float) and math.isfinite(end) for end in ends) and ends[0] <= ends[1]


def _nothing() -> None:
    """Do nothing: Streamlit (1.67) reports only states with a callback."""
