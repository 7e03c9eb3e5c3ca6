"""Evaluate a trained model for its page: confusion, worst mistakes, predicted against actual values. Pure."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from trainer.config import Labels, Loss, MeasuredPart
from trainer.data import Kind, Splits, Task
from trainer.data.preparation import Samples, Windows
from trainer.data.source import AnyArray, Part
from trainer.tracking.files import CONFUSION_FILE, LABELS_FILE, MISTAKES_FILE, PREDICTIONS_FILE
from trainer.tracking.predictions import Predictions

__all__ = ["THRESHOLDS", "Described", "describe_predictions", "probabilities", "thumbnail"]

# Number of worst mistakes to keep.
_MISTAKES = 24

# Number of predictions of a regression to keep, evenly spaced.
_POINTS = 2_000

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""The probabilities from which a label may count as true."""

# Significant digits of float32.
_DIGITS = 7

# `keras.config.epsilon()`.
_EPSILON = 1e-7

# Largest number of values of a sample kept with its mistake; larger images are scaled down.
_SMALL = 32 * 32 * 3

# Number of columns of a table kept with a mistake.
_COLUMNS = 20


class Described(NamedTuple):
    """JSON documents by name, as in `trainer.engine.report.Evaluation`, and the prediction of every sample."""

    files: dict[str, Any]
    predictions: Predictions | None


def describe_predictions(splits: Splits, part: MeasuredPart, outputs: AnyArray, loss: Loss) -> Described:
    """Describe the predictions of the test or the validation part.

    The result is empty for outputs of another shape, as of a network without Flatten, since they cannot be assigned to
    classes.

    Args:
        splits: the data.
        part: the part that was evaluated.
        outputs: those of the network for the part, (samples, outputs).
        loss: the loss of the config, which tells how outputs become probabilities.
    """
    is_test = part is MeasuredPart.TEST
    arrays = splits.test if is_test else splits.validation
    if outputs.ndim != 2 or len(outputs) != len(arrays.y) or not len(arrays.y):
        return Described({}, None)
    about = Predictions(
        part=part.value,
        data_digest=splits.digest,
        samples=len(arrays.y),
        rows=_compact(splits.test_rows if is_test else splits.validation_rows),
    )
    if splits.schema.task is Task.MULTILABEL:
        # Compared as numbers: the probability of each label, and 0 or 1.
        outputs = _sigmoid(outputs) if getattr(loss, "from_logits", False) else outputs
        files, predictions = _of_regression(about, arrays.y, outputs)
        return Described(files | _labels(arrays.y, outputs), predictions)
    if splits.schema.classes is None:
        found = _of_regression(about, arrays.y.reshape(len(arrays.y), -1), outputs)
        found.files[PREDICTIONS_FILE] |= _of_series(splits, splits.raw.get(about.part), outputs.shape[1])
        return found
    chances = probabilities(outputs, loss)
    if chances.shape[1] < splits.schema.classes:
        return Described({}, None)
    return _of_classification(about, splits, arrays, chances, loss)


def _of_regression(about: Predictions, actual: AnyArray, outputs: AnyArray) -> Described:
    files = {PREDICTIONS_FILE: _predictions(actual, outputs)}
    if actual.shape != outputs.shape:
        return Described(files, None)
    return Described(files, replace(about, actual=actual.astype(np.float32), predicted=outputs.astype(np.float32)))


def _of_series(splits: Splits, raw: Samples | None, outputs: int) -> dict[str, Any]:
    """Return the names of the targets, and what repeating the last value predicts, if the samples are windows."""
    if not isinstance(raw, Windows) or splits.schema.outputs != outputs:
        return {}
    last = raw.last()
    repeated = np.tile(last, (1, outputs // last.shape[1]))
    return {"targets": list(splits.schema.output_names), "last": [_answer(row) for row in repeated[_shown(len(raw))]]}


def _labels(actual: AnyArray, chances: AnyArray) -> dict[str, Any]:
    """Return the confusion of each label at each threshold; nothing if the network has another number of outputs."""
    if actual.shape != chances.shape:
        return {}
    is_true, confusions = actual > 0.5, []
    for threshold in THRESHOLDS:
        is_found = chances >= threshold
        cells = (is_true & is_found, ~is_true & is_found, is_true & ~is_found, ~is_true & ~is_found)
        confusions.append([cell.sum(axis=0) for cell in cells])
    counts = np.moveaxis(np.asarray(confusions), 2, 0).tolist()
    return {LABELS_FILE: {"thresholds": list(THRESHOLDS), "counts": counts}}


def _of_classification(about: Predictions, splits: Splits, part: Part, chances: AnyArray, loss: Loss) -> Described:
    predicted = np.argmax(np.nan_to_num(chances, nan=-1.0), axis=1)
    confusion = _confusion(splits, part.y, predicted, chances.shape[1])
    files = {CONFUSION_FILE: confusion, MISTAKES_FILE: _mistakes(splits, about.part, part, predicted, chances)}
    kind = np.min_scalar_type(chances.shape[1])
    kept = replace(
        about,
        labels=tuple(confusion["labels"]),
        actual=part.y.astype(kind),
        predicted=predicted.astype(kind),
        confidence=np.take_along_axis(chances, predicted[:, None], axis=1)[:, 0].astype(np.float32),
        cross_entropy=_cross_entropy(chances, part.y, loss),
    )
    return Described(files, kept)


def _cross_entropy(chances: AnyArray, actual: AnyArray, loss: Loss) -> AnyArray:
    """Return the cross-entropy of each sample, (samples,), clipped as Keras does for a network with probabilities."""
    chance = np.take_along_axis(chances, actual[:, None], axis=1)[:, 0]
    least = np.finfo(np.float64).tiny if getattr(loss, "from_logits", False) else _EPSILON
    entropy: AnyArray = -np.log(np.clip(chance, least, 1.0)).astype(np.float32)
    return entropy


def _compact(rows: AnyArray | None) -> AnyArray | None:
    return None if rows is None else rows.astype(np.min_scalar_type(int(rows.max(initial=0))))


def probabilities(outputs: AnyArray, loss: Loss) -> AnyArray:
    """Convert the model's outputs for this loss to probabilities of shape (samples, classes)."""
    scores = outputs.astype(np.float64)
    from_logits = bool(getattr(loss, "from_logits", False))
    if scores.shape[1] == 1:
        is_score = from_logits or loss.kind in {"Hinge", "SquaredHinge"}
        one = _sigmoid(scores) if is_score else scores
        return np.concatenate([1 - one, one], axis=1)
    if loss.labels is Labels.BINARY:
        return _sigmoid(scores) if from_logits else scores
    sums = scores.sum(axis=1)
    if not from_logits and np.allclose(sums[np.isfinite(sums)], 1, atol=1e-3) and np.nanmin(scores, initial=0) >= 0:
        return scores
    return _softmax(scores)


def _sigmoid(scores: AnyArray) -> AnyArray:
    result: AnyArray = 0.5 * (1 + np.tanh(scores / 2))
    return result


def _softmax(scores: AnyArray) -> AnyArray:
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: AnyArray = powers / powers.sum(axis=1, keepdims=True)
    return result


def _confusion(splits: Splits, actual: AnyArray, predicted: AnyArray, columns: int) -> dict[str, Any]:
    names = list(splits.schema.class_names) or [str(label) for label in range(splits.schema.classes or 0)]
    names += [str(label) for label in range(len(names), columns)]
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (actual, predicted), 1)
    return {"labels": names, "counts": counts.tolist()}


def _mistakes(splits: Splits, name: str, part: Part, predicted: AnyArray, chances: AnyArray) -> list[dict[str, Any]]:
    """Return the mistakes, those with the highest confidence first."""
    wrong = np.flatnonzero(predicted != part.y)
    confidence = np.nan_to_num(chances[wrong, predicted[wrong]], nan=-1.0)
    worst = wrong[np.argsort(-confidence, kind="stable")][:_MISTAKES]
    is_row = name in splits.raw and bool(len(worst)) and splits.schema.kind is not Kind.IMAGES
    shown = splits.raw[name].take(worst).shown() if is_row else None
    return [
        {
            "index": int(index),
            "true": int(part.y[index]),
            "predicted": int(predicted[index]),
            "confidence": _number(chances[index, predicted[index]]),
            **(_sample(splits, part.x[index]) if shown is None else _row(splits, shown[place])),
        }
        for place, index in enumerate(worst)
    ]


def _row(splits: Splits, cells: AnyArray) -> Mapping[str, Any]:
    """Return the first raw values of a row of a table by the names of their columns; nothing for other samples."""
    names = splits.schema.raw_names[:_COLUMNS]
    return {"row": dict(zip(names, cells.tolist(), strict=False))} if names else {}


def _sample(splits: Splits, x: AnyArray) -> Mapping[str, Any]:
    """Return the unscaled sample if it is small, or a scaled-down image, else None."""
    is_image = splits.schema.kind is Kind.IMAGES
    if x.size > _SMALL and not is_image:
        return {}
    raw = x if x.dtype.kind == "i" else x.astype(np.float64) * splits.spread + splits.center
    raw = thumbnail(raw) if is_image else raw
    return {"x": np.round(np.nan_to_num(raw), 4).tolist()}


def thumbnail(image: AnyArray) -> AnyArray:
    """Scale an image (height, width[, channels]) down to at most `_SMALL` values, each the mean of a square."""
    step = math.ceil(math.sqrt(image.size / _SMALL))
    if step == 1:
        return image
    height, width = (max(1, size // step) for size in image.shape[:2])
    rows, columns = (min(step, size) for size in image.shape[:2])
    whole = image[: height * rows, : width * columns]
    means: AnyArray = whole.reshape(height, rows, width, columns, *image.shape[2:]).mean(axis=(1, 3))
    return means


def _predictions(actual: AnyArray, outputs: AnyArray) -> dict[str, Any]:
    """Return a number for a single target, a list for several."""
    kept = _shown(len(actual))
    return {
        "actual": [_answer(values) for values in actual[kept]],
        "predicted": [_answer(values) for values in outputs[kept]],
    }


def _shown(samples: int) -> AnyArray:
    """Return the places of the predictions that are kept."""
    return np.unique(np.linspace(0, samples - 1, min(_POINTS, samples)).astype(int))


def _answer(values: AnyArray) -> float | list[float | None] | None:
    numbers = [_number(value) for value in values]
    return numbers[0] if len(numbers) == 1 else numbers


def _number(value: Any) -> float | None:
    """Round to significant digits; NaN and infinity become null, since JSON has neither."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
