"""One value of one metric."""

from typing import NamedTuple

__all__ = ["Point"]


class Point(NamedTuple):
    """`time_ms` is milliseconds since 1970: a point that is sent again with the same time stays one point in MLflow."""

    key: str
    value: float
    time_ms: int
    step: int
