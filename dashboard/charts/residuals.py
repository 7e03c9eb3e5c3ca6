"""A regression's predictions against what was true."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts.colors import QUIET
from dashboard.charts.figures import empty_figure, framed

__all__ = ["ResidualsInfo", "residuals_figure", "residuals_info"]


class ResidualsInfo(NamedTuple):
    """Actual and predicted numbers, one each, and the mean and spread of the errors (predicted − actual)."""

    actual: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.float64]
    mean: float
    deviation: float


def residuals_info(document: Mapping[str, Any] | None) -> ResidualsInfo | None:
    """What `evaluation/predictions.json` says (`actual`, `predicted`); None where it cannot be shown.

    Answers of several numbers are taken one after the other; pairs that are not finite are left out.
    """
    try:
        actual = np.asarray((document or {})["actual"], dtype=float).ravel()
        predicted = np.asarray((document or {})["predicted"], dtype=float).ravel()
    except (KeyError, TypeError, ValueError):
        return None
    if actual.shape != predicted.shape:
        return None
    fine = np.isfinite(actual) & np.isfinite(predicted)
    if not fine.any():
        return None
    errors = predicted[fine] - actual[fine]
    return ResidualsInfo(actual[fine], predicted[fine], float(errors.mean()), float(errors.std()))


def residuals_figure(info: ResidualsInfo | None, color: str) -> go.Figure:
    """Predicted over actual, with the line on which a perfect network's points would lie."""
    if info is None:
        return empty_figure("No predictions: nothing was tested", height=320)
    ends = [
        float(min(info.actual.min(), info.predicted.min())),
        float(max(info.actual.max(), info.predicted.max())),
    ]
    figure = framed(go.Figure(), height=520)
    figure.add_scatter(
        x=ends, y=ends, mode="lines", name="perfect", line={"color": QUIET, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=info.actual,
        y=info.predicted,
        mode="markers",
        name="predicted",
        marker={"color": color, "size": 7, "opacity": 0.65},
        customdata=info.predicted - info.actual,
        hovertemplate="actual %{x:.4~g}<br>predicted %{y:.4~g}<br>off by %{customdata:.4~g}<extra></extra>",
    )
    figure.update_xaxes(title="actual")
    figure.update_yaxes(title="predicted", scaleanchor="x", scaleratio=1)
    return figure
