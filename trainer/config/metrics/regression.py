"""Metrics of a regression."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import SCORED, Metric
from trainer.config.values import Count, Integer

__all__ = [
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "PearsonCorrelation",
    "Poisson",
    "R2Score",
    "RootMeanSquaredError",
]


class _Regression(Metric):
    labels: ClassVar[frozenset[Labels]] = SCORED | {Labels.VALUES}
    better: ClassVar[Literal["up", "down"] | None] = "down"
    for_values: ClassVar[bool] = True


class MeanSquaredError(_Regression):
    """Mean of the squared errors."""

    name: Literal["MeanSquaredError"] = "MeanSquaredError"


class RootMeanSquaredError(_Regression):
    """Root of the mean squared error, in the unit of the targets."""

    name: Literal["RootMeanSquaredError"] = "RootMeanSquaredError"


class MeanAbsoluteError(_Regression):
    """Mean of the absolute errors."""

    name: Literal["MeanAbsoluteError"] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(_Regression):
    """Mean of the absolute errors as percentages of the true values."""

    name: Literal["MeanAbsolutePercentageError"] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(_Regression):
    """Mean of the squared errors of the logarithms."""

    name: Literal["MeanSquaredLogarithmicError"] = "MeanSquaredLogarithmicError"


class LogCoshError(_Regression):
    """Mean logarithm of the hyperbolic cosine of the errors."""

    logged_as: ClassVar[str | None] = "logcosh"
    name: Literal["LogCoshError"] = "LogCoshError"


class R2Score(Metric):
    """Coefficient of determination: 1 is perfect, 0 is no better than predicting the mean."""

    labels: ClassVar[frozenset[Labels]] = frozenset({Labels.VALUES})
    for_values: ClassVar[bool] = True
    name: Literal["R2Score"] = "R2Score"
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = option(
        "uniform_average", "Average over several outputs.", advanced=True
    )
    num_regressors: Count = option(
        0, "Number of features, for the adjusted R² score; 0 for the plain score.", advanced=True
    )


class CosineSimilarity(_Regression):
    """Cosine similarity between labels and predictions."""

    better: ClassVar[Literal["up", "down"] | None] = "up"
    name: Literal["CosineSimilarity"] = "CosineSimilarity"


class Poisson(_Regression):
    """Poisson loss, for counts."""

    name: Literal["Poisson"] = "Poisson"


class _Correlation(Metric):
    labels: ClassVar[frozenset[Labels]] = frozenset({Labels.VALUES})
    for_values: ClassVar[bool] = True
    axis: Integer = option(
        -1, "Axis along which to correlate: −1 for the outputs of each sample, 0 for the samples of each batch."
    )


class PearsonCorrelation(_Correlation):
    """Pearson correlation between labels and predictions, averaged over samples or batches."""

    name: Literal["PearsonCorrelation"] = "PearsonCorrelation"


class ConcordanceCorrelation(_Correlation):
    """Concordance correlation between labels and predictions, averaged over samples or batches."""

    name: Literal["ConcordanceCorrelation"] = "ConcordanceCorrelation"
