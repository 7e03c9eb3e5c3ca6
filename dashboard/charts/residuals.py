"""Predicted over actual values of a regression."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts.colors import QUIET
from dashboard.charts.figures import SQUARE, empty_figure, framed
from trainer.tracking.read.stored import as_mapping

__all__ = ["ResidualsInfo", "residuals_figure", "residuals_info", "target_count"]


_ROOM = 0.04
_Numbers = npt.NDArray[np.float64]


class ResidualsInfo(NamedTuple):
    """Actual and predicted values (samples,), and mean and standard deviation of the errors (predicted − actual)."""

    actual: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.float64]
    mean: float
    deviation: float


def target_count(document: object) -> int:
    """Return the number of targets in `evaluation/predictions.json`; 0 if it cannot be read."""
    read = _read(document)
    return 0 if read is None else read[0].shape[1]


def residuals_info(document: object, *, target: int = 0) -> ResidualsInfo | None:
    """Read one target of `evaluation/predictions.json` (`actual`, `predicted`); None if there is nothing to show.

    Pairs that are not finite are left out.
    """
    read = _read(document)
    if read is None or not 0 <= target < read[0].shape[1]:
        return None
    actual, predicted = (numbers[:, target] for numbers in read)
    fine = np.isfinite(actual) & np.isfinite(predicted)
    if not fine.any():
        return None
    # Near the largest double the errors or their squares overflow to infinity, which is shown as such.
    with np.errstate(over="ignore", invalid="ignore"):
        errors = predicted[fine] - actual[fine]
        return ResidualsInfo(actual[fine], predicted[fine], float(errors.mean()), float(errors.std()))


def _read(document: object) -> tuple[_Numbers, _Numbers] | None:
    """Return actual and predicted values, each (samples, targets), or None."""
    try:
        content = as_mapping(document)
        actual, predicted = (np.asarray(content[name], dtype=float) for name in ("actual", "predicted"))
    except (KeyError, TypeError, ValueError):
        return None
    if actual.shape != predicted.shape or not actual.size or actual.ndim not in {1, 2}:
        return None
    return actual.reshape(len(actual), -1), predicted.reshape(len(predicted), -1)


def residuals_figure(info: ResidualsInfo | None, color: str) -> go.Figure:
    """Draw predicted over actual values, with the diagonal of perfect predictions."""
    if info is None:
        return empty_figure("No predictions: no samples were evaluated", height=320)
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
    room = (ends[1] - ends[0]) * _ROOM or 0.5
    span = [ends[0] - room, ends[1] + room]
    square = {"constrain": "domain"} | ({"range": span} if np.isfinite(span).all() else {})
    figure.update_layout(meta=SQUARE)
    figure.update_xaxes(title="actual", **square)
    figure.update_yaxes(title="predicted", scaleanchor="x", scaleratio=1, **square)
    return figure
