"""How numbers are scaled before a network sees them; learned from the training part alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.data.source import AnyArray

__all__ = ["CHUNK", "Scalar", "Scaling", "fit_scaling"]

CHUNK = 2**16
"""Numbers scaled at a time, so that the float64 in between stay in the processor's cache."""

Scalar = float | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """`(x - center) / spread`; both are numbers, or arrays with one number per feature."""

    center: Scalar = 0.0
    spread: Scalar = 1.0

    def apply(self, x: AnyArray) -> NDArray[np.float32]:
        """The scaled x, computed in float64 and rounded once to float32; of the same shape."""
        scaled = np.empty(x.shape, np.float32)
        for part in _parts(x):
            scaled[part] = self._rounded(x[part])
        return scaled

    def _rounded(self, x: AnyArray) -> NDArray[np.float32]:
        return np.asarray((x.astype(np.float64) - self.center) / self.spread, np.float32)


def fit_scaling(x: AnyArray, how: str, *, largest: float | None = None) -> Scaling:
    """The scaling of a training part `x` (samples, …).

    `unit` divides by `largest` where it is known, else by the largest absolute value met. `standardize`
    takes mean and (population) deviation. Both go by feature where x is a table (samples, features), and
    over everything else as a whole. What is constant is not spread: it is divided by 1.
    """
    if how == "none" or x.size == 0:
        return Scaling()
    if how == "unit":
        return Scaling(spread=largest if largest is not None else _nonzero(_largest(x)))
    center = _mean(x, 0.0)
    # Rounding can leave a constant a tiny deviation, hence the comparison of extremes.
    deviation = np.sqrt(_mean(x, center, squared=True))
    constant = np.equal(x.min(axis=_axis(x)), x.max(axis=_axis(x)))
    return Scaling(center=_plain(center), spread=_nonzero(np.where(constant, 0.0, deviation)))


def _axis(x: AnyArray) -> int | None:
    return 0 if x.ndim == 2 else None


def _parts(x: AnyArray) -> Iterator[slice]:
    step = max(1, CHUNK // max(1, x[:1].size))
    return (slice(first, first + step) for first in range(0, len(x), step))


def _mean(x: AnyArray, center: AnyArray | float, *, squared: bool = False) -> AnyArray:
    total: AnyArray = np.zeros(x.shape[1:] if x.ndim == 2 else ())
    for part in _parts(x):
        values = np.subtract(x[part], center, dtype=np.float64)
        total = total + np.sum(np.square(values) if squared else values, axis=_axis(x))
    return total / (len(x) if x.ndim == 2 else x.size)


def _largest(x: AnyArray) -> AnyArray:
    low, high = x.min(axis=_axis(x)), x.max(axis=_axis(x))
    return np.maximum(np.abs(np.asarray(low, np.float64)), np.abs(np.asarray(high, np.float64)))


def _nonzero(spread: AnyArray) -> Scalar:
    return _plain(np.where(spread == 0, 1.0, spread))


def _plain(value: AnyArray) -> Scalar:
    return float(value) if np.ndim(value) == 0 else np.asarray(value, np.float64)
