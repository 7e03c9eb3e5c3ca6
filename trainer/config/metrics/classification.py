"""Metrics of a classification: how often the class is right, and where the errors lie."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import CLASSIFIES, INTEGER, ONE_HOT, SCORED, Metric
from trainer.config.values import Count, Flag, Number, Positive, Size

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Precision",
    "Recall",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
]

_LOGITS = "Whether the network puts out raw scores."
_THRESHOLD = Annotated[Number, Field(ge=0, le=1)]
_THRESHOLDS = "The probability from which a sample counts as the class; by default 0.5."
_CLASS = "The one class that is looked at; by default all together."
_TOP = "Whether only the k likeliest classes count as predicted."


class Accuracy(Metric):
    """The share of samples whose class is right; Keras chooses the kind that fits the loss."""

    labels: ClassVar[frozenset[Labels]] = CLASSIFIES
    name: Literal["accuracy"] = "accuracy"


class BinaryAccuracy(Metric):
    """The share of outputs on the right side of a threshold."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["BinaryAccuracy"] = "BinaryAccuracy"
    threshold: _THRESHOLD = option(0.5, "The probability from which an output counts as 1.")


class CategoricalAccuracy(Metric):
    """The share of samples whose likeliest class is right, with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalAccuracy"] = "CategoricalAccuracy"


class SparseCategoricalAccuracy(Metric):
    """The share of samples whose likeliest class is right, with integer labels."""

    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseCategoricalAccuracy"] = "SparseCategoricalAccuracy"


class TopKCategoricalAccuracy(Metric):
    """The share of samples whose class is among the k likeliest, with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["TopKCategoricalAccuracy"] = "TopKCategoricalAccuracy"
    k: Size = option(5, "How many of the likeliest classes count.")


class SparseTopKCategoricalAccuracy(Metric):
    """The share of samples whose class is among the k likeliest, with integer labels."""

    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseTopKCategoricalAccuracy"] = "SparseTopKCategoricalAccuracy"
    k: Size = option(5, "How many of the likeliest classes count.")


class AUC(Metric):
    """The area under the ROC or precision-recall curve: 0.5 is chance, 1 perfect."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["AUC"] = "AUC"
    num_thresholds: Annotated[Size, Field(ge=2)] = option(200, "How finely the curve is drawn.", advanced=True)
    curve: Literal["ROC", "PR"] = option("ROC", "Which curve.")
    summation_method: Literal["interpolation", "minoring", "majoring"] = option(
        "interpolation", "How the area is summed.", advanced=True
    )
    multi_label: Flag = option(False, "Whether classes are averaged rather than taken together.")
    num_labels: Size | None = option(None, "How many classes multi_label has.", advanced=True)
    from_logits: Flag = option(False, _LOGITS)


class Precision(Metric):
    """Of the samples called positive, the share that are."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["Precision"] = "Precision"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class Recall(Metric):
    """Of the positive samples, the share that are called so."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["Recall"] = "Recall"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class F1Score(Metric):
    """The harmonic mean of precision and recall."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["F1Score"] = "F1Score"
    average: Literal["micro", "macro", "weighted"] = option("macro", "How classes are averaged.")
    threshold: _THRESHOLD | None = option(None, "The probability from which a class counts; by default the likeliest.")


class FBetaScore(Metric):
    """F1Score with recall weighted beta times."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    logged_as: ClassVar[str | None] = "fbeta_score"
    name: Literal["FBetaScore"] = "FBetaScore"
    average: Literal["micro", "macro", "weighted"] = option("macro", "How classes are averaged.")
    beta: Positive = option(1.0, "The weight of recall.")
    threshold: _THRESHOLD | None = option(None, "The probability from which a class counts; by default the likeliest.")


class _Counted(Metric):
    better: ClassVar[Literal["up", "down"] | None] = None
    labels: ClassVar[frozenset[Labels]] = SCORED
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)


class TruePositives(_Counted):
    """How many positives are called so."""

    name: Literal["TruePositives"] = "TruePositives"


class TrueNegatives(_Counted):
    """How many negatives are called so."""

    name: Literal["TrueNegatives"] = "TrueNegatives"


class FalsePositives(_Counted):
    """How many negatives are called positive."""

    name: Literal["FalsePositives"] = "FalsePositives"


class FalseNegatives(_Counted):
    """How many positives are called negative."""

    name: Literal["FalseNegatives"] = "FalseNegatives"
