"""Regularization layers beyond Dropout and GaussianNoise (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Number, Seed, Size

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "GaussianDropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]

# Keras accepts a rate of 1 in Dropout only.
_Rate = Annotated[Number, Field(ge=0, le=1)]
_Weight = Annotated[Number, Field(ge=0)]
_RATE = "Fraction of the inputs to drop, between 0 and 1."


class _RandomLayer(Layer):
    rate: _Rate = option(..., _RATE)
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class SpatialDropout1D(_RandomLayer):
    """Drops whole channels of sequences during training. Inactive during evaluation."""

    input_rank: ClassVar[int | None] = 3
    freezes: ClassVar[bool] = False
    layer: Literal["SpatialDropout1D"] = "SpatialDropout1D"


class SpatialDropout2D(_RandomLayer):
    """Drops whole channels of images during training. Inactive during evaluation."""

    input_rank: ClassVar[int | None] = 4
    freezes: ClassVar[bool] = False
    layer: Literal["SpatialDropout2D"] = "SpatialDropout2D"


class SpatialDropout3D(_RandomLayer):
    """Drops whole channels of volumes during training. Inactive during evaluation."""

    input_rank: ClassVar[int | None] = 5
    freezes: ClassVar[bool] = False
    layer: Literal["SpatialDropout3D"] = "SpatialDropout3D"


class GaussianDropout(_RandomLayer):
    """Multiplies the inputs by random factors around 1 during training. Inactive during evaluation."""

    layer: Literal["GaussianDropout"] = "GaussianDropout"


class AlphaDropout(_RandomLayer):
    """Dropout that keeps the mean and the variance of its inputs, for networks with selu."""

    layer: Literal["AlphaDropout"] = "AlphaDropout"
    noise_shape: tuple[Size | None, ...] | None = option(
        None, "Shape of the dropout mask, batch included; an axis of length 1 shares the mask along it.", advanced=True
    )


class ActivityRegularization(Layer):
    """Adds a penalty on its inputs to the loss and passes them on unchanged."""

    layer: Literal["ActivityRegularization"] = "ActivityRegularization"
    l1: _Weight = option(0.0, "L1 regularization factor.")
    l2: _Weight = option(0.0, "L2 regularization factor.")
