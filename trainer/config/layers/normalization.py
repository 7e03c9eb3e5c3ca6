"""Normalization layers (`keras.layers`)."""

from typing import Annotated, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, Ones, Zeros
from trainer.config.layers.base import Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Axis, Flag, Integer, Positive, Probability

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "UnitNormalization",
]


class _Normalization(Layer):
    center: Flag = option(True, "Whether to add a learned offset, beta.", advanced=True)
    scale: Flag = option(True, "Whether to multiply by a learned factor, gamma.", advanced=True)
    beta_initializer: AnyInitializer = option(Zeros(), "Initializer of beta.", advanced=True)
    gamma_initializer: AnyInitializer = option(Ones(), "Initializer of gamma.", advanced=True)
    beta_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to beta.", advanced=True)
    gamma_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to gamma.", advanced=True)
    beta_constraint: AnyConstraint | None = option(None, "Constraint applied to beta.", advanced=True)
    gamma_constraint: AnyConstraint | None = option(None, "Constraint applied to gamma.", advanced=True)


class BatchNormalization(_Normalization):
    """Normalizes each feature over the batch; during evaluation, with the moving averages from training."""

    layer: Literal["BatchNormalization"] = "BatchNormalization"
    axis: Integer = option(-1, "Axis of the features to normalize.", advanced=True)
    momentum: Probability = option(0.99, "Momentum of the moving mean and variance.")
    epsilon: Positive = option(0.001, "Small constant added to the variance to avoid division by zero.", advanced=True)
    moving_mean_initializer: AnyInitializer = option(Zeros(), "Initializer of the moving mean.", advanced=True)
    moving_variance_initializer: AnyInitializer = option(Ones(), "Initializer of the moving variance.", advanced=True)
    renorm: Flag = option(False, "Whether to use batch renormalization.", advanced=True)
    renorm_momentum: Probability = option(0.99, "Momentum of the batch renormalization.", advanced=True)


class LayerNormalization(_Normalization):
    """Normalizes each sample over its features, in the same way during training and evaluation."""

    layer: Literal["LayerNormalization"] = "LayerNormalization"
    axis: Axis = option(-1, "Axis or axes to normalize over.", advanced=True)
    epsilon: Positive = option(0.001, "Small constant added to the variance to avoid division by zero.", advanced=True)


class GroupNormalization(_Normalization):
    """Normalizes each sample over groups of its channels, independently of the batch."""

    layer: Literal["GroupNormalization"] = "GroupNormalization"
    groups: Annotated[Integer, Field(ge=-1)] = option(
        32, "Number of groups that the channels are split into; −1 for one group per channel."
    )
    axis: Integer = option(-1, "Axis of the channels.", advanced=True)
    epsilon: Positive = option(0.001, "Small constant added to the variance to avoid division by zero.", advanced=True)


class RMSNormalization(Layer):
    """Divides each sample by the root mean square of its features; has a learned factor and no offset."""

    layer: Literal["RMSNormalization"] = "RMSNormalization"
    axis: Integer = option(-1, "Axis to normalize over.", advanced=True)
    epsilon: Positive = option(
        1e-6, "Small constant added to the mean square to avoid division by zero.", advanced=True
    )


class UnitNormalization(Layer):
    """Scales each sample to a Euclidean norm of 1."""

    layer: Literal["UnitNormalization"] = "UnitNormalization"
    axis: Axis = option(-1, "Axis or axes to normalize over.", advanced=True)
