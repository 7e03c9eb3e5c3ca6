"""Losses of a classification as metrics."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import BINARY, INTEGER, ONE_HOT, SCORED, Metric
from trainer.config.values import Flag, Integer, Probability

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]

_LOGITS = "Whether the model outputs logits."
_SMOOTHING = "Amount of label smoothing, between 0 and 1; 0 for none."


class SparseCategoricalCrossentropy(Metric):
    """Cross-entropy between integer labels and predictions."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseCategoricalCrossentropy"] = "SparseCategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    ignore_class: Integer | None = option(None, "Class id whose samples are ignored.", advanced=True)


class CategoricalCrossentropy(Metric):
    """Cross-entropy between one-hot labels and predictions."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalCrossentropy"] = "CategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class BinaryCrossentropy(Metric):
    """Binary cross-entropy of each output."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["BinaryCrossentropy"] = "BinaryCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalHinge(Metric):
    """Categorical hinge loss, for one-hot labels."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalHinge"] = "CategoricalHinge"


class Hinge(Metric):
    """Hinge loss, for two classes."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = BINARY
    name: Literal["Hinge"] = "Hinge"


class SquaredHinge(Metric):
    """Squared hinge loss, for two classes."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = BINARY
    name: Literal["SquaredHinge"] = "SquaredHinge"


class KLDivergence(Metric):
    """Kullback–Leibler divergence between the labels and the predicted distribution."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["KLDivergence"] = "KLDivergence"
