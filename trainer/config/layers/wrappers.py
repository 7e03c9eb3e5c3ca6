"""Wrappers of another layer (`keras.layers`)."""

from typing import Annotated, Literal

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.layers.plain import KERNELS, WRAPPABLE
from trainer.config.values import Size

__all__ = ["SpectralNormalization", "TimeDistributed"]


class TimeDistributed(Layer):
    """Applies a layer to every step of a sequence, such as a Conv2D to the frames of a video."""

    layer: Literal["TimeDistributed"] = "TimeDistributed"
    # Keras calls this argument `layer`, the name of the discriminator here.
    wrapped: Annotated[Layer, WRAPPABLE] = option(..., "Layer to apply to every step.")


class SpectralNormalization(Layer):
    """Divides the kernel of a layer by its largest singular value, estimated during training."""

    layer: Literal["SpectralNormalization"] = "SpectralNormalization"
    wrapped: Annotated[Layer, KERNELS] = option(..., "Layer whose kernel is normalized.")
    power_iterations: Size = option(1, "Number of iterations of the estimate at each step.")
