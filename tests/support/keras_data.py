"""Random arrays in the shapes of Keras's data sets, small enough to create in a test."""

from typing import Any

import numpy as np

__all__ = ["housing", "reuters"]

# Seeded, so that a failing test can be repeated.
GENERATOR = np.random.default_rng(0)


def reuters() -> dict[str, Any]:
    """Return as many short texts as Reuters has, in the form of Keras's loader."""

    def part(samples: int) -> tuple[Any, Any]:
        texts = [[1, *GENERATOR.integers(4, 30_000, length)] for length in GENERATOR.integers(1, 9, samples)]
        return np.array([list(map(int, text)) for text in texts], dtype=object), np.arange(samples) % 46

    (x_train, y_train), (x_test, y_test) = part(8982), part(2246)
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def housing(samples: int = 16_512) -> dict[str, Any]:
    """Return as many rows as California housing has, or `samples` rows for training."""
    x, x_test = GENERATOR.normal(size=(samples, 8)).astype("f4"), GENERATOR.normal(size=(4128, 8)).astype("f4")
    return {"x_train": x, "y_train": x[:, 0] * 1e5, "x_test": x_test, "y_test": x_test[:, 0]}
