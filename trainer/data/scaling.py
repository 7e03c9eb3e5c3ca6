"""Scaling of the inputs, fitted on the training data only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.prepared import AnySamples, pieces
from trainer.data.source import AnyArray

__all__ = ["CHUNK", "Scalar", "Scaling", "fit_scaling"]

CHUNK = 2**16
"""Values scaled at a time, so that the intermediate float64 stay in the processor's cache."""

Scalar = float | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """The scaling `(x - center) / spread`; both are numbers, or arrays with one number per feature."""

    center: Scalar = 0.0
    spread: Scalar = 1.0

    def apply(self, x: AnyArray) -> NDArray[np.float32]:
        """Scale x, computed in float64 and rounded once to float32; the shape stays the same."""
        scaled = np.empty(x.shape, np.float32)
        for part in _parts(x):
            scaled[part] = self._rounded(x[part])
        return scaled

    def divisor(self, dtype: np.dtype[Any]) -> float | None:
        """Return what bytes are divided by in float32 with the same bits; None for other types and scalings."""
        if dtype != np.uint8 or not isinstance(self.spread, float) or np.any(np.not_equal(self.center, 0.0)):
            return None
        # A Python float beside a float32 would be rounded to one before they are compared.
        return self.spread if float(np.float32(self.spread)) == self.spread else None

    def _rounded(self, x: AnyArray) -> NDArray[np.float32]:
        return np.asarray((x.astype(np.float64) - self.center) / self.spread, np.float32)


def fit_scaling(x: AnySamples, how: str, *, largest: float | None = None) -> Scaling:
    """Fit the scaling on training samples `x` of shape (samples, …).

    `unit` divides by `largest` if it is known, else by the largest absolute value. `standardize` uses the mean and the
    population standard deviation. Both are computed per feature for a table (samples, features), and over all values
    otherwise. Constant features are divided by 1.
    """
    if how == "none" or x.size == 0:
        return Scaling()
    if how == "unit":
        return Scaling(spread=largest if largest is not None else _nonzero(_largest(x)))
    center = _mean(x, 0.0)
    # Rounding can leave a constant feature a tiny deviation, hence the comparison of its extremes.
    deviation = np.sqrt(_mean(x, center, squared=True))
    constant = np.equal(*_extremes(x))
    return Scaling(center=_plain(center), spread=_nonzero(np.where(constant, 0.0, deviation)))


def _axis(x: AnySamples) -> int | None:
    return 0 if x.ndim == 2 else None


def _parts(x: AnySamples) -> Iterator[slice]:
    step = max(1, CHUNK // max(1, x[:1].size))
    return (slice(first, first + step) for first in range(0, len(x), step))


def _mean(x: AnySamples, center: AnyArray | float, *, squared: bool = False) -> AnyArray:
    total: AnyArray = np.zeros(x.shape[1:] if x.ndim == 2 else ())
    for part in _parts(x):
        # The exported script sums the same chunks, because the last bits of a sum depend on them.
        values = np.subtract(x[part], center, dtype=np.float64)
        total = total + np.sum(np.square(values) if squared else values, axis=_axis(x))
    return total / (len(x) if x.ndim == 2 else x.size)


def _extremes(x: AnySamples) -> tuple[AnyArray, AnyArray]:
    """Return the smallest and the largest values, per feature for a table."""
    lows, highs = zip(*((part.min(axis=_axis(x)), part.max(axis=_axis(x))) for part in pieces(x)), strict=True)
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _largest(x: AnySamples) -> AnyArray:
    low, high = _extremes(x)
    # Converted first: the absolute value of -128 does not fit into int8.
    return np.maximum(np.abs(np.asarray(low, np.float64)), np.abs(np.asarray(high, np.float64)))


def _nonzero(spread: AnyArray) -> Scalar:
    return _plain(np.where(spread == 0, 1.0, spread))


def _plain(value: AnyArray) -> Scalar:
    return float(value) if np.ndim(value) == 0 else np.asarray(value, np.float64)
