"""Losses of a classification, measured as metrics."""

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

_LOGITS = "Whether the network puts out raw scores."
_SMOOTHING = "How far labels are pulled from 0 and 1."


class SparseCategoricalCrossentropy(Metric):
    """Crossentropy with integer labels."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseCategoricalCrossentropy"] = "SparseCategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    ignore_class: Integer | None = option(None, "A class whose samples do not count.", advanced=True)


class CategoricalCrossentropy(Metric):
    """Crossentropy with one-hot labels."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalCrossentropy"] = "CategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class BinaryCrossentropy(Metric):
    """Crossentropy of each output by itself."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["BinaryCrossentropy"] = "BinaryCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalHinge(Metric):
    """The categorical hinge, with one-hot labels."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalHinge"] = "CategoricalHinge"


class Hinge(Metric):
    """The hinge, for two classes."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = BINARY
    name: Literal["Hinge"] = "Hinge"


class SquaredHinge(Metric):
    """The squared hinge, for two classes."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = BINARY
    name: Literal["SquaredHinge"] = "SquaredHinge"


class KLDivergence(Metric):
    """How far the predicted distribution is from the labels'."""

    better: ClassVar[Literal["up", "down"] | None] = "down"
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["KLDivergence"] = "KLDivergence"
