"""Normalization layers (`keras.layers`)."""

from typing import Literal

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, Ones, Zeros
from trainer.config.layers.base import Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Axis, Flag, Integer, Positive, Probability

__all__ = ["BatchNormalization", "LayerNormalization"]


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
