"""Numbers of charts as arrays, which travel to the browser as bytes instead of text."""

import base64
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.format import INFINITE

__all__ = ["compact", "finite", "typed"]

# Plotly's names of the types: https://plotly.com/javascript/reference/, "Typed Array Support".
_NAMES = {"int8": "i1", "int16": "i2", "int32": "i4", "float32": "f4", "float64": "f8"}

_FRACTIONS = ("float32", "float64")
_SMALL = _NAMES.keys() - {"float64"}


def finite(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where values (points,) read from MLflow are finite; it stores infinity as the largest double."""
    found: NDArray[np.bool_] = np.abs(values) < INFINITE
    return found


def compact(values: ArrayLike) -> NDArray[Any]:
    """Return the numbers in the smallest type that holds each of them exactly.

    Keras computes in 32 bits, so its metrics take half of the 64 bits that MLflow stores.
    """
    numbers = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        # Most metrics have fractions, which one look at each value tells, instead of one a type.
        is_whole = np.array_equal(np.trunc(numbers), numbers)
        for name in _NAMES if is_whole else _FRACTIONS:
            smaller = numbers.astype(name)
            if np.array_equal(smaller.astype(np.float64), numbers, equal_nan=True):
                return smaller
    return numbers


def typed(values: NDArray[Any]) -> dict[str, str] | list[float]:
    """Return the numbers as Plotly reads typed arrays from JSON, in the smallest type that is exact."""
    smallest = np.ascontiguousarray(compact(values) if values.dtype.name not in _SMALL else values)
    if not smallest.size:
        return []
    found = {"dtype": _NAMES[smallest.dtype.name], "bdata": base64.b64encode(smallest.tobytes()).decode("ascii")}
    return found if smallest.ndim == 1 else {**found, "shape": ", ".join(map(str, smallest.shape))}
