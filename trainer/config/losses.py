"""Losses: what training makes small (`keras.losses`)."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.values import Flag, Integer, Number, Positive, Probability

__all__ = [
    "LOSSES",
    "AnyLoss",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Labels",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


class Labels(StrEnum):
    """The form in which a loss or a metric wants the answers."""

    INTEGER = "integer"
    ONE_HOT = "one_hot"
    BINARY = "binary"
    VALUES = "values"


_LOGITS = "Whether the network puts out raw scores; true where the last layer has no softmax or sigmoid."
_SMOOTHING = "How far labels are pulled from 0 and 1."
_BALANCE = Field(ge=0)


class Loss(Component):
    """What training makes small. `labels` is the form in which it wants the answers."""

    labels: ClassVar[Labels] = Labels.VALUES
    reduction: Literal["sum_over_batch_size", "sum", "mean"] = option(
        "sum_over_batch_size", "How the samples' losses become one number.", advanced=True
    )


class SparseCategoricalCrossentropy(Loss):
    """For one of several classes, with labels as integers: −log of the right class's probability."""

    labels: ClassVar[Labels] = Labels.INTEGER
    name: Literal["SparseCategoricalCrossentropy"] = "SparseCategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    ignore_class: Integer | None = option(None, "A class whose samples do not count.", advanced=True)


class CategoricalCrossentropy(Loss):
    """The same with one-hot labels, which Fitboard makes from the integers."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalCrossentropy"] = "CategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalFocalCrossentropy(Loss):
    """Crossentropy that counts hard samples more."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalFocalCrossentropy"] = "CategoricalFocalCrossentropy"
    alpha: Annotated[Number, _BALANCE] = option(0.25, "The weight of the classes.")
    gamma: Annotated[Number, _BALANCE] = option(2.0, "How much more hard samples count.")
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalGeneralizedCrossEntropy(Loss):
    """Between crossentropy and absolute error: bears wrong labels."""

    labels: ClassVar[Labels] = Labels.INTEGER
    name: Literal["CategoricalGeneralizedCrossEntropy"] = "CategoricalGeneralizedCrossEntropy"
    q: Annotated[Number, Field(gt=0, lt=1)] = option(0.5, "0 is near crossentropy, 1 near absolute error.")


class CategoricalHinge(Loss):
    """The right class's score is to be 1 above the others'."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalHinge"] = "CategoricalHinge"


class KLDivergence(Loss):
    """How far the predicted distribution is from the labels'."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["KLDivergence"] = "KLDivergence"


class BinaryCrossentropy(Loss):
    """For two classes with one output: −log of the right class's probability."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["BinaryCrossentropy"] = "BinaryCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class BinaryFocalCrossentropy(Loss):
    """Binary crossentropy that counts hard samples more."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["BinaryFocalCrossentropy"] = "BinaryFocalCrossentropy"
    apply_class_balancing: Flag = option(False, "Whether alpha weighs the classes.")
    alpha: Annotated[Number, _BALANCE] = option(0.25, "The weight of class 1.")
    gamma: Annotated[Number, _BALANCE] = option(2.0, "How much more hard samples count.")
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class Hinge(Loss):
    """For two classes: the score is to be beyond 1 on the right side."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["Hinge"] = "Hinge"


class SquaredHinge(Loss):
    """The square of Hinge."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["SquaredHinge"] = "SquaredHinge"


class MeanSquaredError(Loss):
    """The mean of squared errors: the usual one for a regression."""

    name: Literal["MeanSquaredError"] = "MeanSquaredError"


class MeanAbsoluteError(Loss):
    """The mean of absolute errors: outliers count less."""

    name: Literal["MeanAbsoluteError"] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(Loss):
    """The mean error in percent of the right value."""

    name: Literal["MeanAbsolutePercentageError"] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(Loss):
    """The mean of squared errors of logarithms: for values of many sizes."""

    name: Literal["MeanSquaredLogarithmicError"] = "MeanSquaredLogarithmicError"


class Huber(Loss):
    """Squares for small errors, absolute for large ones."""

    name: Literal["Huber"] = "Huber"
    delta: Positive = option(1.0, "The error at which it changes over.")


class LogCosh(Loss):
    """The logarithm of the hyperbolic cosine: a smooth Huber."""

    name: Literal["LogCosh"] = "LogCosh"


class Poisson(Loss):
    """For counts: the network puts out their expected value."""

    name: Literal["Poisson"] = "Poisson"


class CosineSimilarity(Loss):
    """−cosine of the angle to the right vector."""

    name: Literal["CosineSimilarity"] = "CosineSimilarity"


LOSSES = Registry.of(
    "loss",
    [
        SparseCategoricalCrossentropy,
        CategoricalCrossentropy,
        BinaryCrossentropy,
        MeanSquaredError,
        MeanAbsoluteError,
        Huber,
        LogCosh,
        MeanAbsolutePercentageError,
        MeanSquaredLogarithmicError,
        Poisson,
        CosineSimilarity,
        CategoricalFocalCrossentropy,
        CategoricalGeneralizedCrossEntropy,
        CategoricalHinge,
        KLDivergence,
        BinaryFocalCrossentropy,
        Hinge,
        SquaredHinge,
    ],
    aliases={
        "mse": "MeanSquaredError",
        "mae": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "msle": "MeanSquaredLogarithmicError",
        "bce": "BinaryCrossentropy",
        "kld": "KLDivergence",
        "huber_loss": "Huber",
    },
)

AnyLoss = Annotated[Loss, LOSSES]
