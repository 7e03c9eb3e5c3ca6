"""Activation functions with parameters of their own (`keras.layers`)."""

from typing import Annotated, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, Zeros
from trainer.config.layers.base import Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Axis, Integer, Number

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"]

_Positive = Annotated[Number, Field(ge=0)]


class ReLU(Layer):
    """Rectified linear unit with a slope below the threshold and a maximum."""

    layer: Literal["ReLU"] = "ReLU"
    max_value: _Positive | None = option(None, "Maximum of the output; by default there is none.")
    negative_slope: _Positive = option(0.0, "Slope below the threshold.")
    threshold: _Positive = option(0.0, "Value below which an input counts as negative.")


class LeakyReLU(Layer):
    """Rectified linear unit with a small slope for negative inputs."""

    layer: Literal["LeakyReLU"] = "LeakyReLU"
    negative_slope: _Positive = option(0.3, "Slope for negative inputs.")


class PReLU(Layer):
    """Rectified linear unit that learns its slope for negative inputs."""

    layer: Literal["PReLU"] = "PReLU"
    alpha_initializer: AnyInitializer = option(Zeros(), "Initializer of the slopes.", advanced=True)
    alpha_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the slopes.", advanced=True)
    alpha_constraint: AnyConstraint | None = option(None, "Constraint applied to the slopes.", advanced=True)
    shared_axes: tuple[Integer, ...] | None = option(
        None, "Axes along which the slopes are shared, such as 1, 2 for one slope per channel of an image."
    )


class ELU(Layer):
    """Exponential linear unit: alpha · (exp(x) − 1) for negative inputs."""

    layer: Literal["ELU"] = "ELU"
    alpha: Number = option(1.0, "Scale of the outputs of negative inputs.")


class Softmax(Layer):
    """Converts the values along an axis to probabilities that sum to 1."""

    layer: Literal["Softmax"] = "Softmax"
    axis: Axis = option(-1, "Axis or axes along which the outputs sum to 1.", advanced=True)
