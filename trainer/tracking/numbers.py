"""Metric values as MLflow keeps them, and as they were."""

import math
import sys

__all__ = ["stored_value"]

LARGEST = sys.float_info.max


def stored_value(value: float, is_nan: bool = False) -> float:
    """The value that was logged: MLflow keeps ±infinity as the largest finite number, and NaN as a flag.

    >>> stored_value(-1.7976931348623157e308)
    -inf
    """
    if is_nan or math.isnan(value):
        return math.nan
    return value if -LARGEST < value < LARGEST else math.copysign(math.inf, value)
