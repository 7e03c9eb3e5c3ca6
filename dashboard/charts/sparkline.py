"""The sparkline: one metric of a run in a table cell."""

from collections.abc import Iterable, Mapping, Sequence

from dashboard.charts.thinning import kept_points
from trainer.format import is_finite

__all__ = ["sparkline", "sparkline_metric"]

_POINTS = 60
# Names that other programs give the loss, and errors that stand in for it.
_SECOND_BEST = ("train_loss", "training_loss", "val_loss", "rmse", "mae", "error")


def sparkline_metric(metrics: Iterable[str] | Mapping[str, float]) -> str | None:
    """Return the metric to draw: the loss, or what comes closest to it; None if nothing does."""
    names = set(metrics)
    found = next((name for name in ("loss", *_SECOND_BEST) if name in names), None)
    return found or min((name for name in names if "loss" in name.lower()), default=None)


def sparkline(values: Sequence[float]) -> list[float]:
    """Return the finite values, few enough for a cell; empty if fewer than two."""
    finite = [value for value in values if is_finite(value)]
    return [finite[place] for place in kept_points(finite, _POINTS)] if len(finite) > 1 else []
