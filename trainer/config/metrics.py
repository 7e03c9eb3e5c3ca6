"""Metrics: what is measured beside the loss (`keras.metrics`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from trainer.config.losses import Labels
from trainer.config.part import Family, Part, option
from trainer.config.values import Count, Flag, Integer, Number, Positive, Probability, Size

__all__ = ["METRICS", "AnyMetric", "Metric"]

_LOGITS = "Whether the network puts out raw scores."
_THRESHOLD = Annotated[Number, Field(ge=0, le=1)]
_THRESHOLDS = "The probability from which a sample counts as the class; by default 0.5."
_CLASS = "The one class that is looked at; by default all together."
_TOP = "Whether only the k likeliest classes count as predicted."
_CLASSIFIES = frozenset({Labels.INTEGER, Labels.ONE_HOT, Labels.BINARY})
_SCORED = frozenset({Labels.ONE_HOT, Labels.BINARY})
_ONE_HOT = frozenset({Labels.ONE_HOT})
_INTEGER = frozenset({Labels.INTEGER})
_BINARY = frozenset({Labels.BINARY})


class Metric(Part):
    """What is measured. `labels` are the forms of labels that it can be given."""

    labels: ClassVar[frozenset[Labels]] = frozenset(Labels)


class Accuracy(Metric):
    """The share of samples whose class is right; Keras chooses the kind that fits the loss."""

    labels: ClassVar[frozenset[Labels]] = _CLASSIFIES
    name: Literal["accuracy"] = "accuracy"


class BinaryAccuracy(Metric):
    """The share of outputs on the right side of a threshold."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["BinaryAccuracy"] = "BinaryAccuracy"
    threshold: _THRESHOLD = option(0.5, "The probability from which an output counts as 1.")


class CategoricalAccuracy(Metric):
    """The share of samples whose likeliest class is right, with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = _ONE_HOT
    name: Literal["CategoricalAccuracy"] = "CategoricalAccuracy"


class SparseCategoricalAccuracy(Metric):
    """The share of samples whose likeliest class is right, with integer labels."""

    labels: ClassVar[frozenset[Labels]] = _INTEGER
    name: Literal["SparseCategoricalAccuracy"] = "SparseCategoricalAccuracy"


class TopKCategoricalAccuracy(Metric):
    """The share of samples whose class is among the k likeliest, with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = _ONE_HOT
    name: Literal["TopKCategoricalAccuracy"] = "TopKCategoricalAccuracy"
    k: Size = option(5, "How many of the likeliest classes count.")


class SparseTopKCategoricalAccuracy(Metric):
    """The share of samples whose class is among the k likeliest, with integer labels."""

    labels: ClassVar[frozenset[Labels]] = _INTEGER
    name: Literal["SparseTopKCategoricalAccuracy"] = "SparseTopKCategoricalAccuracy"
    k: Size = option(5, "How many of the likeliest classes count.")


class SparseCategoricalCrossentropy(Metric):
    """Crossentropy with integer labels."""

    labels: ClassVar[frozenset[Labels]] = _INTEGER
    name: Literal["SparseCategoricalCrossentropy"] = "SparseCategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    ignore_class: Integer | None = option(None, "A class whose samples do not count.", advanced=True)


class CategoricalCrossentropy(Metric):
    """Crossentropy with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = _ONE_HOT
    name: Literal["CategoricalCrossentropy"] = "CategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, "How far labels are pulled from 0 and 1.")


class BinaryCrossentropy(Metric):
    """Crossentropy of each output by itself."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["BinaryCrossentropy"] = "BinaryCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, "How far labels are pulled from 0 and 1.")


class CategoricalHinge(Metric):
    """The categorical hinge, with one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = _ONE_HOT
    name: Literal["CategoricalHinge"] = "CategoricalHinge"


class Hinge(Metric):
    """The hinge, for two classes."""

    labels: ClassVar[frozenset[Labels]] = _BINARY
    name: Literal["Hinge"] = "Hinge"


class SquaredHinge(Metric):
    """The squared hinge, for two classes."""

    labels: ClassVar[frozenset[Labels]] = _BINARY
    name: Literal["SquaredHinge"] = "SquaredHinge"


class AUC(Metric):
    """The area under the ROC or precision-recall curve: 0.5 is chance, 1 perfect."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
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

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["Precision"] = "Precision"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class Recall(Metric):
    """Of the positive samples, the share that are called so."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["Recall"] = "Recall"
    thresholds: _THRESHOLD | None = option(None, _THRESHOLDS)
    top_k: Size | None = option(None, _TOP, advanced=True)
    class_id: Count | None = option(None, _CLASS, advanced=True)


class F1Score(Metric):
    """The harmonic mean of precision and recall."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["F1Score"] = "F1Score"
    average: Literal["micro", "macro", "weighted"] | None = option("macro", "How classes are averaged.")
    threshold: _THRESHOLD | None = option(None, "The probability from which a class counts; by default the likeliest.")


class FBetaScore(Metric):
    """F1Score with recall weighted beta times."""

    labels: ClassVar[frozenset[Labels]] = _SCORED
    name: Literal["FBetaScore"] = "FBetaScore"
    average: Literal["micro", "macro", "weighted"] | None = option("macro", "How classes are averaged.")
    beta: Positive = option(1.0, "The weight of recall.")
    threshold: _THRESHOLD | None = option(None, "The probability from which a class counts; by default the likeliest.")


class _Counted(Metric):
    labels: ClassVar[frozenset[Labels]] = _SCORED
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


class MeanSquaredError(Metric):
    """The mean of squared errors."""

    name: Literal["MeanSquaredError"] = "MeanSquaredError"


class RootMeanSquaredError(Metric):
    """Its root: the error in the unit of the values."""

    name: Literal["RootMeanSquaredError"] = "RootMeanSquaredError"


class MeanAbsoluteError(Metric):
    """The mean of absolute errors."""

    name: Literal["MeanAbsoluteError"] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(Metric):
    """The mean error in percent."""

    name: Literal["MeanAbsolutePercentageError"] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(Metric):
    """The mean of squared errors of logarithms."""

    name: Literal["MeanSquaredLogarithmicError"] = "MeanSquaredLogarithmicError"


class LogCoshError(Metric):
    """The logarithm of the error's hyperbolic cosine."""

    name: Literal["LogCoshError"] = "LogCoshError"


class R2Score(Metric):
    """The share of variance that is explained: 1 is perfect, 0 no better than the mean."""

    labels: ClassVar[frozenset[Labels]] = frozenset({Labels.VALUES})
    name: Literal["R2Score"] = "R2Score"
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = option(
        "uniform_average", "How several outputs become one number.", advanced=True
    )
    num_regressors: Count = option(0, "The number of features, for the adjusted score.", advanced=True)


class CosineSimilarity(Metric):
    """The cosine of the angle to the right vector."""

    name: Literal["CosineSimilarity"] = "CosineSimilarity"


class Poisson(Metric):
    """The Poisson loss, for counts."""

    name: Literal["Poisson"] = "Poisson"


class KLDivergence(Metric):
    """How far the predicted distribution is from the labels'."""

    labels: ClassVar[frozenset[Labels]] = _ONE_HOT
    name: Literal["KLDivergence"] = "KLDivergence"


METRICS = Family.of(
    "metric",
    [
        Accuracy,
        AUC,
        Precision,
        Recall,
        F1Score,
        FBetaScore,
        BinaryAccuracy,
        CategoricalAccuracy,
        SparseCategoricalAccuracy,
        TopKCategoricalAccuracy,
        SparseTopKCategoricalAccuracy,
        SparseCategoricalCrossentropy,
        CategoricalCrossentropy,
        BinaryCrossentropy,
        TruePositives,
        TrueNegatives,
        FalsePositives,
        FalseNegatives,
        CategoricalHinge,
        Hinge,
        SquaredHinge,
        MeanSquaredError,
        RootMeanSquaredError,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanSquaredLogarithmicError,
        LogCoshError,
        R2Score,
        CosineSimilarity,
        Poisson,
        KLDivergence,
    ],
    aliases={
        "acc": "accuracy",
        "mse": "MeanSquaredError",
        "mae": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "msle": "MeanSquaredLogarithmicError",
        "rmse": "RootMeanSquaredError",
        "bce": "BinaryCrossentropy",
        "kld": "KLDivergence",
        "logcosh": "LogCoshError",
    },
)

AnyMetric = Annotated[
    Accuracy
    | AUC
    | Precision
    | Recall
    | F1Score
    | FBetaScore
    | BinaryAccuracy
    | CategoricalAccuracy
    | SparseCategoricalAccuracy
    | TopKCategoricalAccuracy
    | SparseTopKCategoricalAccuracy
    | SparseCategoricalCrossentropy
    | CategoricalCrossentropy
    | BinaryCrossentropy
    | TruePositives
    | TrueNegatives
    | FalsePositives
    | FalseNegatives
    | CategoricalHinge
    | Hinge
    | SquaredHinge
    | MeanSquaredError
    | RootMeanSquaredError
    | MeanAbsoluteError
    | MeanAbsolutePercentageError
    | MeanSquaredLogarithmicError
    | LogCoshError
    | R2Score
    | CosineSimilarity
    | Poisson
    | KLDivergence,
    Field(discriminator="name"),
    BeforeValidator(METRICS.expand),
]
