"""Schemas of small datasets, as `trainer.data` would describe them."""

from dataclasses import replace
from typing import Any

from trainer.data.schema import Kind, Schema, Task


def _schema(name: str, kind: Kind, input_shape: tuple[int, ...], **fields: Any) -> Schema:
    counts: dict[str, Any] = {"train": 640, "validation": 160, "test": 200}
    task = Task.REGRESSION if fields.get("classes") is None else Task.CLASSIFICATION
    return Schema(
        **{"name": name, "title": name, "kind": kind, "task": task, "input_shape": input_shape, **counts, **fields}
    )


DIGITS = _schema("digits", Kind.IMAGES, (8, 8), classes=10)
SCALED_DIGITS = replace(DIGITS, scale="unit")
CIFAR = _schema("cifar10", Kind.IMAGES, (32, 32, 3), classes=10)
MOONS = _schema("moons", Kind.POINTS, (2,), classes=2)
IRIS = _schema("iris", Kind.TABLE, (4,), classes=3)
DIABETES = _schema("diabetes", Kind.TABLE, (10,))
TWO_VALUES = _schema("npz", Kind.TABLE, (10,), outputs=2)
IMDB = _schema("imdb", Kind.SEQUENCES, (200,), input_dtype="int32", classes=2, vocabulary=10_000)
SIGNALS = _schema("npz", Kind.ARRAYS, (50, 3), classes=4)
ROWS = _schema("npz", Kind.ARRAYS, (64,), classes=10)
ROWS_AND_MORE = replace(ROWS, ignored="groups, X_val")
ROWS_WITH_VALIDATION = replace(ROWS, has_own_validation=True)
SIGNAL_VALUES = replace(SIGNALS, task=Task.REGRESSION, classes=None)
PRICES = replace(DIABETES, name="npz", targets=((1_234_000.0, 310_000.0),))
PRICES_AND_SHARES = replace(TWO_VALUES, targets=((1_234_000.0, 310_000.0), (0.4, 0.1)))
ASTRONOMIC = replace(PRICES, targets=((1e19, 1e18),))
WHOLE_FLOATS = _schema("npz", Kind.TABLE, (4,), other_task=Task.CLASSIFICATION)
FEW_INTEGERS = _schema("npz", Kind.TABLE, (4,), classes=14, other_task=Task.REGRESSION)
DIGITS_WITHOUT_VALIDATION = replace(DIGITS, validation=0)
