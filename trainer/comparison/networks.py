"""Two networks on the same samples: whether their predictions can be compared, and by how much they differ."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config import MetricName
from trainer.statistics import Difference, mcnemar, paired_bootstrap
from trainer.tracking import Run
from trainer.tracking.files import EVALUATION, SAMPLES_FILE
from trainer.tracking.predictions import Predictions
from trainer.tracking.reader import RunReader

__all__ = ["errors_of", "network_difference", "predictions_of", "why_not_paired"]

_ACCURACIES = frozenset({"acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"})
_ABSOLUTE, _SQUARED = frozenset({"mae", "mean_absolute_error"}), frozenset({"mse", "mean_squared_error"})
_LOSS = "loss"
# Metrics are sums of float32, in another order than the mean of the samples.
_ROUNDING, _SMALLEST = 1e-4, 1e-7


def predictions_of(reader: RunReader, run: Run) -> Predictions | None:
    """Return the predictions that a run kept; None if it kept none or they cannot be read."""
    return Predictions.loads(reader.artifact(run, f"{EVALUATION}/{SAMPLES_FILE}")) if run.by_fitboard else None


def why_not_paired(first: tuple[Run, Predictions | None], second: tuple[Run, Predictions | None]) -> str | None:
    """Return in a sentence why the samples of two networks cannot be compared one by one; None if they can."""
    for run, kept in (first, second):
        if kept is None:
            return (
                f"{run.short_title} has no predictions of its single samples: another program or an earlier version of "
                "Fitboard made it. Rerun it to get them."
            )
        if kept.left_out:
            return f"{run.short_title}: {kept.left_out}"
    one, other = first[1], second[1]
    if one is None or other is None or one.has_same_samples(other):
        return None
    if one.is_classification != other.is_classification:
        return "One network is a classifier and the other one is not."
    return f"The two networks were evaluated on different {one.part} samples."


def network_difference(
    metric: str, first: tuple[Run, Predictions | None], second: tuple[Run, Predictions | None]
) -> Difference | None:
    """Return the difference of two networks in a metric, first minus second, on the same samples.

    McNemar's test for an accuracy, and the paired bootstrap for a loss or the mean of an error. None if the samples
    cannot be compared one by one, or if the metric is not the mean of something that each sample has.
    """
    if why_not_paired(first, second) is not None:
        return None
    one, other = (_values(metric, run, kept) for run, kept in (first, second))
    if one is None or other is None:
        return None
    return mcnemar(one, other) if one.dtype == bool else paired_bootstrap(one, other)


def errors_of(kept: Predictions) -> NDArray[np.float64]:
    """Return the mean absolute error of each sample of a regression, (samples,)."""
    errors: NDArray[np.float64] = np.abs(_misses(kept)).mean(axis=1)
    return errors


def _values(metric: str, run: Run, kept: Predictions | None) -> NDArray[Any] | None:
    """Return what the metric is the mean of, by sample: booleans for an accuracy, else numbers."""
    name, logged = MetricName.of(metric), run.kept_metrics.get(metric)
    if kept is None or logged is None or name.part != kept.part:
        return None
    # A loss with penalties or weights, or an accuracy with a threshold, is not the mean of any of these.
    return next((each for each in _by_sample(name.base.lower(), kept) if _is_mean(each, logged)), None)


def _is_mean(values: NDArray[Any], logged: float) -> bool:
    return math.isclose(float(np.mean(values)), logged, rel_tol=_ROUNDING, abs_tol=_SMALLEST)


def _by_sample(base: str, kept: Predictions) -> Iterator[NDArray[Any]]:
    """Yield what a metric of this name may be the mean of."""
    if kept.is_classification:
        if base in _ACCURACIES:
            yield np.asarray(kept.actual == kept.predicted)
        elif base == _LOSS and kept.cross_entropy is not None:
            yield kept.cross_entropy.astype(np.float64)
        return
    if base in _SQUARED | {_LOSS}:
        yield (_misses(kept) ** 2).mean(axis=1)
    if base in _ABSOLUTE | {_LOSS}:
        yield errors_of(kept)


def _misses(kept: Predictions) -> NDArray[np.float64]:
    actual, predicted = np.asarray(kept.actual, np.float64), np.asarray(kept.predicted, np.float64)
    misses: NDArray[np.float64] = predicted - actual
    return misses
