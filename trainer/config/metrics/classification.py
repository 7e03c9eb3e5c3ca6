"""Metrics of a classification."""

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

_LOGITS = "Whether the model outputs logits."
_THRESHOLD = Annotated[Number, Field(ge=0, le=1)]
_THRESHOLDS = "Threshold of the predicted probability above which a prediction is positive; 0.5 by default."
_CLASS = "Class id to compute the metric for; by default all classes together."
_TOP = "Number of most probable classes that count as predicted; by default the threshold decides."


class Accuracy(Metric):
    """Fraction of samples classified correctly; Keras chooses the variant that fits the loss."""

    labels: ClassVar[frozenset[Labels]] = CLASSIFIES
    # Keras chooses the variant for this string alone; its class `Accuracy` counts predictions equal to the labels.
    name: Literal["accuracy"] = "accuracy"


class BinaryAccuracy(Metric):
    """Fraction of outputs on the correct side of a threshold."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["BinaryAccuracy"] = "BinaryAccuracy"
    threshold: _THRESHOLD = option(0.5, "Threshold above which an output counts as 1.")


class CategoricalAccuracy(Metric):
    """Fraction of samples classified correctly, for one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["CategoricalAccuracy"] = "CategoricalAccuracy"


class SparseCategoricalAccuracy(Metric):
    """Fraction of samples classified correctly, for integer labels."""

    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseCategoricalAccuracy"] = "SparseCategoricalAccuracy"


class TopKCategoricalAccuracy(Metric):
    """Fraction of samples whose class is among the k most probable, for one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["TopKCategoricalAccuracy"] = "TopKCategoricalAccuracy"
    k: Size = option(5, "Number of most probable classes to consider.")


class SparseTopKCategoricalAccuracy(Metric):
    """Fraction of samples whose class is among the k most probable, for integer labels."""

    labels: ClassVar[frozenset[Labels]] = INTEGER
    name: Literal["SparseTopKCategoricalAccuracy"] = "SparseTopKCategoricalAccuracy"
    k: Size = option(5, "Number of most probable classes to consider.")


class AUC(Metric):
    """Area under the ROC or the precision-recall curve; 1 is perfect, 0.5 under the ROC curve is chance."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["AUC"] = "AUC"
    num_thresholds: Annotated[Size, Field(ge=2)] = option(
        200, "Number of thresholds that approximate the curve.", advanced=True
    )
    curve: Literal["ROC", "PR"] = option("ROC", "Curve to compute the area under.")
    summation_method: Literal["interpolation", "minoring", "majoring"] = option(
        "interpolation", "Riemann summation method of the area.", advanced=True
    )
    multi_label: Flag = option(
        False, "Whether to average the areas of the classes instead of flattening all classes into one."
    )
    num_labels: Size | None = option(None, "Number of classes if multi_label is true.", advanced=True)
    from_logits: Flag = option(False, _LOGITS)


class Precision(Metric):
    """Fraction of the positive predictions that are correct."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["Precision"] = "Precision"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class Recall(Metric):
    """Fraction of the positive samples that are predicted as positive."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["Recall"] = "Recall"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class F1Score(Metric):
    """Harmonic mean of precision and recall."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    name: Literal["F1Score"] = "F1Score"
    average: Literal["micro", "macro", "weighted"] = option("macro", "Average over the classes.")
    threshold: _THRESHOLD | None = option(
        None, "Threshold above which a class counts as predicted; by default the most probable class does."
    )


class FBetaScore(Metric):
    """Weighted harmonic mean of precision and recall."""

    labels: ClassVar[frozenset[Labels]] = SCORED
    # Keras's name for it, where the general rule would give `f_beta_score`.
    logged_as: ClassVar[str | None] = "fbeta_score"
    name: Literal["FBetaScore"] = "FBetaScore"
    average: Literal["micro", "macro", "weighted"] = option("macro", "Average over the classes.")
    beta: Positive = option(1.0, "Weight of recall relative to precision.")
    threshold: _THRESHOLD | None = option(
        None, "Threshold above which a class counts as predicted; by default the most probable class does."
    )


class _Counted(Metric):
    # No direction is better: classifying every sample as positive gives the most true positives.
    better: ClassVar[Literal["up", "down"] | None] = None
    labels: ClassVar[frozenset[Labels]] = SCORED
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)


class TruePositives(_Counted):
    """Number of positive samples predicted as positive."""

    name: Literal["TruePositives"] = "TruePositives"


class TrueNegatives(_Counted):
    """Number of negative samples predicted as negative."""

    name: Literal["TrueNegatives"] = "TrueNegatives"


class FalsePositives(_Counted):
    """Number of negative samples predicted as positive."""

    name: Literal["FalsePositives"] = "FalsePositives"


class FalseNegatives(_Counted):
    """Number of positive samples predicted as negative."""

    name: Literal["FalseNegatives"] = "FalseNegatives"
