"""Predicted over actual values of a regression."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts.colors import QUIET
from dashboard.charts.figures import SQUARE, empty_figure, framed
from trainer.tracking.read.stored import as_mapping

__all__ = ["Baselines", "ResidualsInfo", "baselines", "residuals_figure", "residuals_info", "target_names"]


_ROOM = 0.04
_Numbers = npt.NDArray[np.float64]


class ResidualsInfo(NamedTuple):
    """Actual and predicted values (samples,), and mean and standard deviation of the errors (predicted − actual)."""

    actual: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.float64]
    mean: float
    deviation: float


class Baselines(NamedTuple):
    """Mean absolute errors on a time series: of the predictions, of repeating the last value, of always the mean."""

    model: float
    last: float
    mean: float


def target_names(document: object) -> tuple[str, ...]:
    """Return the names of the targets in `evaluation/predictions.json`; none if it cannot be read."""
    read = _read(document)
    if read is None:
        return ()
    named = as_mapping(document).get("targets")
    count = read[0].shape[1]
    if isinstance(named, list) and len(named) == count and all(isinstance(name, str) for name in named):
        return tuple(named)
    return tuple(f"target {place}" for place in range(1, count + 1))


def baselines(document: object, *, target: int = 0) -> Baselines | None:
    """Return the errors of one target beside those of simple predictions; None if it is no time series."""
    read, last = _read(document), _read(document, predicted="last")
    if read is None or last is None or not 0 <= target < read[0].shape[1]:
        return None
    actual, predicted, repeated = read[0][:, target], read[1][:, target], last[1][:, target]
    fine = np.isfinite(actual) & np.isfinite(predicted) & np.isfinite(repeated)
    if not fine.any():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        guesses = (predicted, repeated, np.full(len(actual), actual[fine].mean()))
        return Baselines(*(float(np.abs(guess[fine] - actual[fine]).mean()) for guess in guesses))


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


def _read(document: object, *, predicted: str = "predicted") -> tuple[_Numbers, _Numbers] | None:
    """Return actual values and those of the field `predicted`, each (samples, targets), or None."""
    try:
        content = as_mapping(document)
        actual, guessed = (np.asarray(content[name], dtype=float) for name in ("actual", predicted))
    except (KeyError, TypeError, ValueError):
        return None
    if actual.shape != guessed.shape or not actual.size or actual.ndim not in {1, 2}:
        return None
    return actual.reshape(len(actual), -1), guessed.reshape(len(guessed), -1)


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
