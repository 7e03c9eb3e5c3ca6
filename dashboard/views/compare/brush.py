"""Brushes on the axes of parallel coordinates: the runs outside of them fade in every chart of the page."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import streamlit as st

from dashboard import state as address
from dashboard.browser_part import browser_part

__all__ = ["Part", "brush"]

Part = tuple[float, float]
"""The lowest and the highest height of a part of an axis."""

_HERE = Path(__file__).parent
_brush = browser_part(
    "fitboard_brush",
    _HERE,
    "brush.css",
    "brush.js",
    html='<div class="fitboard-brushes"><button type="button" hidden>Clear brushes</button></div>',
)


def brush(chart: str, axes: Sequence[str], *, key: str) -> Mapping[str, Part]:
    """Make the axes of a chart of parallel coordinates selectable, by dragging or by arrow keys.

    Args:
        chart: the chart's name in `live_charts`.
        axes: the names of its axes, in their order.
        key: unique in the session; a new key forgets the brushes that are not in the address.

    Returns:
        Axis → the selected part of it, from its lowest to its highest height in the units of the chart. The address
        keeps them.
    """
    asked = {name: part for name, part in _in_address() if name in axes}
    _brush(key=key, data={"chart": chart, "axes": list(axes), "brushes": asked}, on_brushes_change=_nothing)
    state = st.session_state[key] if key in st.session_state else {}  # noqa: SIM401
    reported = state.get("brushes")
    if reported is None:
        return asked
    found = {str(name): _part(ends) for name, ends in dict(reported).items() if name in axes}
    parts = {name: part for name, part in found.items() if part is not None}
    words = tuple(f"{name}:{low:.4g}:{high:.4g}" for name, (low, high) in parts.items())
    if words != address.compare.brushes:
        address.compare.brushes = words
    return parts


def _in_address() -> Iterator[tuple[str, Part]]:
    """Yield the brushes of the address; words that are none are ignored, as they select nothing."""
    for words in address.compare.brushes:
        name, *ends = words.rsplit(":", 2)
        try:
            part = _part([float(end) for end in ends])
        except ValueError:
            continue
        if part is not None:
            yield name, part


def _part(ends: object) -> Part | None:
    if not isinstance(ends, list) or len(ends) != 2:
        return None
    if not all(isinstance(end, int | float) and math.isfinite(end) for end in ends) or ends[0] > ends[1]:
        return None
    return float(ends[0]), float(ends[1])


def _nothing() -> None:
    """Do nothing: Streamlit (1.67) reports only states with a callback."""
