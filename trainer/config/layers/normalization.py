"""Normalizations (`keras.layers`)."""

from typing import Literal

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, Ones, Zeros
from trainer.config.layers.base import Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Axis, Flag, Integer, Positive, Probability

__all__ = ["BatchNormalization", "LayerNormalization"]


class _Normalization(Layer):
    center: Flag = option(True, "Whether a learned offset (beta) is added.", advanced=True)
    scale: Flag = option(True, "Whether a learned factor (gamma) is multiplied.", advanced=True)
    beta_initializer: AnyInitializer = option(Zeros(), "How the offset starts.", advanced=True)
    gamma_initializer: AnyInitializer = option(Ones(), "How the factor starts.", advanced=True)
    beta_regularizer: AnyRegularizer | None = option(None, "A penalty on the offset.", advanced=True)
    gamma_regularizer: AnyRegularizer | None = option(None, "A penalty on the factor.", advanced=True)
    beta_constraint: AnyConstraint | None = option(None, "A rule the offset is held to.", advanced=True)
    gamma_constraint: AnyConstraint | None = option(None, "A rule the factor is held to.", advanced=True)


class BatchNormalization(_Normalization):
    """Brings each feature to mean 0 and deviation 1 over the batch; in evaluation over what training saw."""

    layer: Literal["BatchNormalization"] = "BatchNormalization"
    axis: Integer = option(-1, "The axis of the features.", advanced=True)
    momentum: Probability = option(0.99, "How slowly the moving mean and variance follow the batches.")
    epsilon: Positive = option(0.001, "A small number that keeps the division from 0.", advanced=True)
    moving_mean_initializer: AnyInitializer = option(Zeros(), "How the moving mean starts.", advanced=True)
    moving_variance_initializer: AnyInitializer = option(Ones(), "How the moving variance starts.", advanced=True)
    renorm: Flag = option(False, "Batch renormalization: training uses the moving values too.", advanced=True)
    renorm_momentum: Probability = option(0.99, "The momentum of the renormalization.", advanced=True)


class LayerNormalization(_Normalization):
    """Brings each sample to mean 0 and deviation 1 over its features, in training and evaluation alike."""

    layer: Literal["LayerNormalization"] = "LayerNormalization"
    axis: Axis = option(-1, "The axis, or axes, that are normalized over.", advanced=True)
    epsilon: Positive = option(0.001, "A small number that keeps the division from 0.", advanced=True)
