"""Which measured values can be drawn, and what to say of the others."""

import math

__all__ = ["is_finite", "not_finite_words"]

_INFINITE = 1.797e308
"""MLflow stores ±Inf as the largest double, 1.7976931348623157e308."""


def is_finite(value: float) -> bool:
    """Whether a value that was read from MLflow can be drawn."""
    return abs(value) < _INFINITE


def not_finite_words(value: float) -> str:
    """`NaN`, `∞` or `−∞`."""
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
