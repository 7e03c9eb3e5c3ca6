"""A figure as plain dictionaries, since building and checking hundreds of Plotly's objects takes seconds."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from dashboard.charts.arrays import typed

__all__ = ["Drawing"]


class Drawing(NamedTuple):
    """The traces and the layout of a figure, as Plotly's schema has them; arrays travel as bytes."""

    data: tuple[Mapping[str, Any], ...]
    layout: Mapping[str, Any]

    @classmethod
    def of(cls, figure: go.Figure) -> "Drawing":
        """Return the drawing of a figure."""
        return cls(tuple(trace.to_plotly_json() for trace in figure.data), figure.layout.to_plotly_json())

    def figure(self) -> go.Figure:
        """Return the figure, after Plotly has checked every property."""
        return go.Figure(list(self.data), self.layout)

    def to_json(self) -> str:
        """Return what `Plotly.react` takes, as JSON."""
        parts = {"data": self.data, "layout": self.layout}
        return json.dumps(parts, default=typed, allow_nan=False, separators=(",", ":"))
