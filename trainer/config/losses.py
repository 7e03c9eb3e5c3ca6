"""Loss functions, which training minimizes (`keras.losses`)."""

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
    "Dice",
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
    "Tversky",
]


class Labels(StrEnum):
    """The format of the labels that a loss or a metric expects."""

    INTEGER = "integer"
    ONE_HOT = "one_hot"
    BINARY = "binary"
    VALUES = "values"


_LOGITS = "Whether the model outputs logits, that is, whether the last layer has no softmax or sigmoid activation."
_SMOOTHING = "Amount of label smoothing, between 0 and 1; 0 for none."
_BALANCE = Field(ge=0)


class Loss(Component):
    """Base class of the losses. `labels` is the format of the labels that the loss expects."""

    labels: ClassVar[Labels] = Labels.VALUES
    reduction: Literal["sum_over_batch_size", "sum", "mean"] = option(
        "sum_over_batch_size", "Reduction of the losses of a batch to one number.", advanced=True
    )


class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy between integer labels and predictions, for two or more classes."""

    labels: ClassVar[Labels] = Labels.INTEGER
    name: Literal["SparseCategoricalCrossentropy"] = "SparseCategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    ignore_class: Integer | None = option(None, "Class id whose samples are ignored.", advanced=True)


class CategoricalCrossentropy(Loss):
    """Cross-entropy between one-hot labels and predictions; Fitboard encodes the integer labels."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalCrossentropy"] = "CategoricalCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalFocalCrossentropy(Loss):
    """Cross-entropy that gives more weight to hard samples, for one-hot labels."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalFocalCrossentropy"] = "CategoricalFocalCrossentropy"
    alpha: Annotated[Number, _BALANCE] = option(0.25, "Weight of every class.")
    gamma: Annotated[Number, _BALANCE] = option(
        2.0, "Focusing parameter; a larger value gives hard samples more weight."
    )
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class CategoricalGeneralizedCrossEntropy(Loss):
    """Generalization of cross-entropy and mean absolute error that is robust to noisy labels."""

    # Integers despite the name: Keras converts them to one-hot labels itself.
    labels: ClassVar[Labels] = Labels.INTEGER
    name: Literal["CategoricalGeneralizedCrossEntropy"] = "CategoricalGeneralizedCrossEntropy"
    q: Annotated[Number, Field(gt=0, lt=1)] = option(
        0.5, "Trade-off between cross-entropy (near 0) and mean absolute error (near 1)."
    )


class CategoricalHinge(Loss):
    """Categorical hinge loss: the score of the true class should exceed the others by 1."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["CategoricalHinge"] = "CategoricalHinge"


class KLDivergence(Loss):
    """Kullback–Leibler divergence between the labels and the predicted distribution."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["KLDivergence"] = "KLDivergence"


class Dice(Loss):
    """Dice loss: 1 minus the overlap of labels and predictions over a whole batch, for unequal classes."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["Dice"] = "Dice"


class Tversky(Loss):
    """Dice loss with separate weights of the two kinds of error."""

    labels: ClassVar[Labels] = Labels.ONE_HOT
    name: Literal["Tversky"] = "Tversky"
    alpha: Annotated[Number, _BALANCE] = option(0.5, "Weight of missed classes.")
    beta: Annotated[Number, _BALANCE] = option(0.5, "Weight of wrongly predicted classes.")


class BinaryCrossentropy(Loss):
    """Cross-entropy between binary labels and predictions, for two classes and one output."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["BinaryCrossentropy"] = "BinaryCrossentropy"
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy that gives more weight to hard samples."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["BinaryFocalCrossentropy"] = "BinaryFocalCrossentropy"
    apply_class_balancing: Flag = option(False, "Whether to weight the classes by alpha.")
    alpha: Annotated[Number, _BALANCE] = option(0.25, "Weight of class 1; class 0 gets 1 − alpha.")
    gamma: Annotated[Number, _BALANCE] = option(
        2.0, "Focusing parameter; a larger value gives hard samples more weight."
    )
    from_logits: Flag = option(False, _LOGITS)
    label_smoothing: Probability = option(0.0, _SMOOTHING)


class Hinge(Loss):
    """Hinge loss for two classes: the score should be at least 1 for one class, at most −1 for the other."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["Hinge"] = "Hinge"


class SquaredHinge(Loss):
    """Square of the hinge loss, for two classes."""

    labels: ClassVar[Labels] = Labels.BINARY
    name: Literal["SquaredHinge"] = "SquaredHinge"


class MeanSquaredError(Loss):
    """Mean of the squared errors; the usual choice for regression."""

    name: Literal["MeanSquaredError"] = "MeanSquaredError"


class MeanAbsoluteError(Loss):
    """Mean of the absolute errors; less sensitive to outliers than MeanSquaredError."""

    name: Literal["MeanAbsoluteError"] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(Loss):
    """Mean of the absolute errors as percentages of the true values."""

    name: Literal["MeanAbsolutePercentageError"] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(Loss):
    """Mean of the squared errors of the logarithms; for targets that span orders of magnitude."""

    name: Literal["MeanSquaredLogarithmicError"] = "MeanSquaredLogarithmicError"


class Huber(Loss):
    """Quadratic for small errors, linear for large ones."""

    name: Literal["Huber"] = "Huber"
    delta: Positive = option(1.0, "Error at which the loss changes from quadratic to linear.")


class LogCosh(Loss):
    """Logarithm of the hyperbolic cosine of the error; similar to Huber, but smooth."""

    name: Literal["LogCosh"] = "LogCosh"


class Poisson(Loss):
    """Poisson loss, for counts; the model predicts their expected value."""

    name: Literal["Poisson"] = "Poisson"


class CosineSimilarity(Loss):
    """Negative cosine similarity between labels and predictions."""

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
        Dice,
        Tversky,
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
