"""Metrics of a regression: how far the predicted values are off."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import SCORED, Metric
from trainer.config.values import Count

__all__ = [
    "CosineSimilarity",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "R2Score",
    "RootMeanSquaredError",
]


class _Regression(Metric):
    labels: ClassVar[frozenset[Labels]] = SCORED | {Labels.VALUES}
    better: ClassVar[Literal["up", "down"] | None] = "down"
    for_values: ClassVar[bool] = True


class MeanSquaredError(_Regression):
    """The mean of squared errors."""

    name: Literal["MeanSquaredError"] = "MeanSquaredError"


class RootMeanSquaredError(_Regression):
    """Its root: the error in the unit of the values."""

    name: Literal["RootMeanSquaredError"] = "RootMeanSquaredError"


class MeanAbsoluteError(_Regression):
    """The mean of absolute errors."""

    name: Literal["MeanAbsoluteError"] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(_Regression):
    """The mean error in percent."""

    name: Literal["MeanAbsolutePercentageError"] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(_Regression):
    """The mean of squared errors of logarithms."""

    name: Literal["MeanSquaredLogarithmicError"] = "MeanSquaredLogarithmicError"


class LogCoshError(_Regression):
    """The logarithm of the error's hyperbolic cosine."""

    logged_as: ClassVar[str | None] = "logcosh"
    name: Literal["LogCoshError"] = "LogCoshError"


class R2Score(Metric):
    """The share of variance that is explained: 1 is perfect, 0 no better than the mean."""

    labels: ClassVar[frozenset[Labels]] = frozenset({Labels.VALUES})
    for_values: ClassVar[bool] = True
    name: Literal["R2Score"] = "R2Score"
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = option(
        "uniform_average", "How several outputs become one number.", advanced=True
    )
    num_regressors: Count = option(0, "The number of features, for the adjusted score.", advanced=True)


class CosineSimilarity(_Regression):
    """The cosine of the angle to the right vector."""

    better: ClassVar[Literal["up", "down"] | None] = "up"
    name: Literal["CosineSimilarity"] = "CosineSimilarity"


class Poisson(_Regression):
    """The Poisson loss, for counts."""

    name: Literal["Poisson"] = "Poisson"
