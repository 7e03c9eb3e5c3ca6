"""Metrics (`keras.metrics`)."""

from collections.abc import Mapping
from typing import Annotated

from trainer.config.component import Registry
from trainer.config.metrics.base import Metric, logged_names
from trainer.config.metrics.classification import (
    AUC,
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    F1Score,
    FalseNegatives,
    FalsePositives,
    FBetaScore,
    Precision,
    Recall,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    TrueNegatives,
    TruePositives,
)
from trainer.config.metrics.operating_points import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from trainer.config.metrics.overlap import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from trainer.config.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from trainer.config.metrics.regression import (
    ConcordanceCorrelation,
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    PearsonCorrelation,
    Poisson,
    R2Score,
    RootMeanSquaredError,
)

__all__ = ["METRICS", "METRICS_BY_LOGGED_NAME", "AnyMetric", "Metric", "logged_names"]

METRICS = Registry.of(
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
        PrecisionAtRecall,
        RecallAtPrecision,
        SensitivityAtSpecificity,
        SpecificityAtSensitivity,
        BinaryIoU,
        IoU,
        MeanIoU,
        OneHotIoU,
        OneHotMeanIoU,
        PearsonCorrelation,
        ConcordanceCorrelation,
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

AnyMetric = Annotated[Metric, METRICS]

METRICS_BY_LOGGED_NAME: Mapping[str, type[Metric]] = {
    member.model_construct().logged_name: member for member in METRICS.members.values() if issubclass(member, Metric)
}
"""Metrics by the name under which Keras logs them, such as `f1_score`."""
