"""Judge in one sentence whether a finished run learned anything. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer.data import Schema, Task
from trainer.tracking.files import CONFUSION_FILE, PREDICTIONS_FILE
from trainer.tracking.tags import DIVERGED

__all__ = ["judge_results"]

# Ratio of the last to the first epoch's training loss above which it has diverged; noise stays far below.
_ROSE = 10.0

# Ratio of a classification's loss to its value at chance, log(classes), above which it has diverged.
_EXPLODED = 1e4

_ONE_SIDED_95 = 1.645
_ADVICE = "Try a lower learning rate, or scale the data."


def judge_results(
    history: Mapping[str, Sequence[float]],
    metrics: Mapping[str, float],
    schema: Schema,
    *,
    files: Mapping[str, Any] | None = None,
) -> str | None:
    """Return a sentence if a run diverged or ended at chance level, else None.

    Args:
        history: The values of each metric by epoch.
        metrics: The metrics on the test data, such as `test_loss`; empty if there is no test data.
        schema: The schema of the data.
        files: The evaluation's documents (`confusion.json`, `predictions.json`), from which the predictions are
            compared with a constant one.
    """
    files = files or {}
    part = "Test" if metrics else "Validation"
    return (
        _diverged(history.get("loss", ()), schema)
        or _at_chance(files.get(CONFUSION_FILE), part)
        or _no_better_than_mean(files.get(PREDICTIONS_FILE), part)
        or _no_better_than_last(files.get(PREDICTIONS_FILE), part)
    )


def _diverged(losses: Sequence[float], schema: Schema) -> str | None:
    if not losses:
        return None
    epoch = next((epoch for epoch, loss in enumerate(losses, start=1) if not math.isfinite(loss)), None)
    if epoch is not None:
        word = "NaN" if math.isnan(losses[epoch - 1]) else "infinite"
        return f"{DIVERGED}: the loss is {word} from epoch {epoch} on. {_ADVICE}"
    first, last = losses[0], losses[-1]
    if first > 0 and last > first * _ROSE:
        return f"{DIVERGED}: the loss rose from {first:.4g} to {last:.4g}. {_ADVICE}"
    if schema.task is Task.CLASSIFICATION and last > _EXPLODED * math.log(max(schema.classes or 2, 2)):
        return f"{DIVERGED}: the loss ended at {last:.4g}. {_ADVICE}"
    return None


def _at_chance(confusion: Any, part: str) -> str | None:
    """Return a sentence if the accuracy is within sampling error of always predicting the most frequent class."""
    if not confusion:
        return None
    counts = np.asarray(confusion["counts"], dtype=np.float64)
    samples = counts.sum()
    if not samples or np.count_nonzero(counts.sum(axis=1)) < 2:
        return None
    accuracy, most_frequent = np.trace(counts) / samples, counts.sum(axis=1).max() / samples
    error = math.sqrt(most_frequent * (1 - most_frequent) / samples)
    if accuracy > most_frequent + _ONE_SIDED_95 * error:
        return None
    return (
        f"{part} accuracy {accuracy:.4g} is at chance level; always predicting the most frequent class reaches "
        f"{most_frequent:.4g}."
    )


def _no_better_than_mean(predictions: Any, part: str) -> str | None:
    if not predictions:
        return None
    actual, predicted = (_rows(predictions[name]) for name in ("actual", "predicted"))
    if actual.shape != predicted.shape or not np.isfinite(actual).all():
        return None
    spread = ((actual - actual.mean(axis=0)) ** 2).sum()
    missed = ((actual - predicted) ** 2).sum()
    if not spread or missed < spread:
        return None
    return (
        f"{part} predictions are no better than always predicting the mean (R² {1 - missed / spread:.3g}); the "
        "model did not learn anything that generalizes."
    )


def _no_better_than_last(predictions: Any, part: str) -> str | None:
    """Return a sentence if repeating the last value of a time series is at least as good, on the mean of all targets.

    The ratio of mean absolute errors is the relative MAE of Hyndman and Koehler, Another look at measures of forecast
    accuracy, International Journal of Forecasting 22 (2006).
    """
    if not predictions or "last" not in predictions:
        return None
    actual, predicted, last = (_rows(predictions[name]) for name in ("actual", "predicted", "last"))
    if not actual.shape == predicted.shape == last.shape:
        return None
    known = np.isfinite(last).all(axis=1)
    missed, repeated = (np.abs(each[known] - actual[known]).sum(axis=0) for each in (predicted, last))
    if not known.any() or not repeated.all():
        return None
    ratio = float((missed / repeated).mean())
    if ratio < 1:
        return None
    return (
        f"{part} errors are {ratio:.3g} times those of repeating the last value, on average; the model did not learn "
        "anything beyond that."
    )


def _rows(values: Sequence[Any]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return the values as (samples, targets); a NaN counts as infinitely far off."""
    listed = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    return np.nan_to_num(listed, nan=np.inf, posinf=np.inf, neginf=-np.inf)
