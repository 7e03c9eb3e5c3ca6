"""The errors of two regressions on the same samples."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.colors import QUIET
from dashboard.charts.compare import Line
from dashboard.charts.figures import SQUARE, empty_figure, framed, literal

__all__ = ["paired_errors_figure"]

_ROOM = 0.04


def paired_errors_figure(
    first: NDArray[np.float64], second: NDArray[np.float64], places: NDArray[np.intp], networks: tuple[Line, Line]
) -> go.Figure:
    """Draw the second network's absolute errors over the first's, with the diagonal of equal errors.

    Args:
        first: errors of 0 or more, (samples,); samples with an infinite one are left out.
        second: the same of the other network.
        places: the sample that each pair belongs to, counted from 0, (samples,).
        networks: their names and colours; a point has the colour of the network with the smaller error.
    """
    fine = np.isfinite(first) & np.isfinite(second)
    if not fine.any():
        return empty_figure("No finite errors", height=320)
    top = float(max(first[fine].max(), second[fine].max()))
    figure = framed(go.Figure(), height=420)
    figure.add_scatter(
        x=[0.0, top], y=[0.0, top], mode="lines", line={"color": QUIET, "dash": "dash", "width": 1.5}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=first[fine],
        y=second[fine],
        mode="markers",
        marker={
            "size": 7,
            "opacity": 0.65,
            "color": np.where(first[fine] < second[fine], networks[0].color, networks[1].color),
        },
        customdata=places[fine],
        hovertemplate="sample %{customdata}<br>%{x:.4~g} and %{y:.4~g}<extra></extra>",
    )
    room = top * _ROOM or 0.5
    square = {"range": [-room, top + room], "constrain": "domain"} if np.isfinite(top + room) else {}
    figure.update_layout(meta=SQUARE, showlegend=False)
    figure.update_xaxes(title=literal(f"error of {networks[0].label}"), **square)
    figure.update_yaxes(title=literal(f"error of {networks[1].label}"), scaleanchor="x", scaleratio=1, **square)
    return figure
