"""Points in the plane, coloured by their class."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.colors import PALETTE
from dashboard.charts.tables import ChartTable

__all__ = ["Cloud", "clouds", "clouds_table", "points_figure"]


class Cloud(NamedTuple):
    """The points of one class."""

    name: str
    x: NDArray[Any]
    y: NDArray[Any]


def clouds(points: NDArray[Any], classes: NDArray[Any], names: Sequence[str]) -> list[Cloud]:
    """Return the points (samples, 2) grouped by class (samples,); empty without points."""
    found = []
    for value in np.unique(classes):
        inside = points[classes == value]
        number = int(value)
        name = names[number] if 0 <= number < len(names) else str(number)
        found.append(Cloud(name, inside[:, 0], inside[:, 1]))
    return found


def clouds_table(parted: Sequence[Cloud]) -> ChartTable:
    """Return a row per point with its class."""
    return ChartTable(
        {
            "class": [cloud.name for cloud in parted for _ in cloud.x],
            "x": [value for cloud in parted for value in cloud.x.tolist()],
            "y": [value for cloud in parted for value in cloud.y.tolist()],
        }
    )


def points_figure(parted: Sequence[Cloud]) -> go.Figure:
    """Draw a scatter plot with the same scale on both axes."""
    figure = go.Figure()
    for place, cloud in enumerate(parted):
        color = PALETTE[place % len(PALETTE)]
        figure.add_scatter(
            x=cloud.x, y=cloud.y, mode="markers", name=cloud.name, marker={"size": 4, "color": color, "opacity": 0.75}
        )
    figure.update_layout(
        height=230, margin={"l": 0, "r": 0, "t": 0, "b": 0}, legend={"orientation": "h", "y": -0.08}, dragmode=False
    )
    figure.update_yaxes(scaleanchor="x", showgrid=False, zeroline=False, showticklabels=False)
    figure.update_xaxes(showgrid=False, zeroline=False, showticklabels=False)
    return figure
