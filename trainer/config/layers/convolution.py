"""Convolutional layers (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.layers.base import KernelLayer
from trainer.config.values import Activation, Padding, Pair, Single, Size

__all__ = ["Conv1D", "Conv2D"]


class Conv1D(KernelLayer):
    """1D convolution over sequences of (steps, channels)."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Conv1D"] = "Conv1D"
    filters: Size = option(..., "Number of filters, that is, of output channels.")
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride of the convolution.")
    padding: Literal["valid", "same", "causal"] = option(
        "valid",
        "Padding. valid: none; same: keeps the length; causal: each output depends only on earlier steps.",
    )
    dilation_rate: Single = option(1, "Dilation rate of the convolution.", advanced=True)
    groups: Size = option(
        1,
        "Number of groups into which the input channels are split; each group is convolved separately.",
        advanced=True,
    )
    activation: Activation | None = option(None, "Activation function; null for a linear output.")


class Conv2D(KernelLayer):
    """2D convolution over images of (height, width, channels)."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Conv2D"] = "Conv2D"
    filters: Size = option(..., "Number of filters, that is, of output channels.")
    kernel_size: Pair = option(..., "Height and width of the convolution window; a single integer sets both.")
    strides: Pair = option((1, 1), "Strides of the convolution along the height and width; a single integer sets both.")
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the height and width.")
    dilation_rate: Pair = option((1, 1), "Dilation rate of the convolution.", advanced=True)
    groups: Size = option(
        1,
        "Number of groups into which the input channels are split; each group is convolved separately.",
        advanced=True,
    )
    activation: Activation | None = option(None, "Activation function; null for a linear output.")
