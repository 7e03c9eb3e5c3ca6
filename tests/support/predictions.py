"""Predictions as a run keeps them, without training."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainer.config import DatasetConfig
from trainer.data import load
from trainer.home import Home
from trainer.tracking.predictions import Predictions

__all__ = ["classified", "predicted_part", "regressed"]


def classified(actual: Sequence[int], predicted: Sequence[int], *, classes: int = 3, **changes: Any) -> Predictions:
    """Return the predictions of a classifier on the test part of a split dataset."""
    known: dict[str, Any] = {
        "part": "test",
        "data_digest": "d" * 64,
        "samples": len(actual),
        "labels": tuple(str(label) for label in range(classes)),
        "rows": np.arange(len(actual), dtype=np.uint16),
        "actual": np.asarray(actual, np.uint8),
        "predicted": np.asarray(predicted, np.uint8),
        "confidence": np.linspace(0.5, 0.9, len(actual), dtype=np.float32),
        "cross_entropy": np.where(np.equal(actual, predicted), 0.1, 2.0).astype(np.float32),
    }
    return Predictions(**known | changes)


def regressed(actual: Sequence[float], predicted: Sequence[float], **changes: Any) -> Predictions:
    """Return the predictions of a regression with one target."""
    columns = [np.asarray(values, np.float32).reshape(-1, 1) for values in (actual, predicted)]
    known: dict[str, Any] = {
        "part": "test",
        "data_digest": "e" * 64,
        "samples": len(actual),
        "actual": columns[0],
        "predicted": columns[1],
    }
    return Predictions(**known | changes)


def predicted_part(dataset: DatasetConfig, home: Home, wrong: Sequence[int]) -> Predictions:
    """Return predictions of a classification's real test part, of which those of the samples `wrong` are wrong."""
    splits = load(dataset, home=home)
    classes = splits.schema.classes or 0
    predicted = splits.test.y.copy()
    predicted[list(wrong)] = (predicted[list(wrong)] + 1) % classes
    return Predictions(
        part="test",
        data_digest=splits.digest,
        samples=len(splits.test.y),
        labels=splits.schema.class_names or tuple(str(label) for label in range(classes)),
        rows=splits.test_rows,
        actual=splits.test.y.astype(np.uint8),
        predicted=predicted.astype(np.uint8),
        confidence=np.full(len(predicted), 0.75, np.float32),
    )
