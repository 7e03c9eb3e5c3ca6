"""Base class of the metrics."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import ClassVar, Literal

from trainer.config.component import Component
from trainer.config.losses import Labels

__all__ = ["BINARY", "CLASSIFIES", "INTEGER", "ONE_HOT", "SCORED", "Metric", "logged_names"]

CLASSIFIES = frozenset({Labels.INTEGER, Labels.ONE_HOT, Labels.BINARY})
SCORED = frozenset({Labels.ONE_HOT, Labels.BINARY})
ONE_HOT = frozenset({Labels.ONE_HOT})
INTEGER = frozenset({Labels.INTEGER})
BINARY = frozenset({Labels.BINARY})


class Metric(Component):
    """A metric. `labels` are the label formats that it accepts; `better` is the direction of improvement.

    `for_values` marks metrics of a regression, whatever label formats they accept.
    """

    labels: ClassVar[frozenset[Labels]] = frozenset(Labels)
    better: ClassVar[Literal["up", "down"] | None] = "up"
    for_values: ClassVar[bool] = False
    logged_as: ClassVar[str | None] = None

    @property
    def logged_name(self) -> str:
        """The name under which Keras logs the metric, such as `f1_score` for `F1Score`."""
        return self.logged_as or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.kind).lower()


def logged_names(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Return the names of several metrics in Keras's history; the second of a kind ends in `_1`."""
    seen: Counter[str] = Counter()
    names = []
    for metric in metrics:
        before = seen[metric.logged_name]
        names.append(f"{metric.logged_name}_{before}" if before else metric.logged_name)
        seen[metric.logged_name] += 1
    return tuple(names)
