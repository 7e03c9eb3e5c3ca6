"""Convolutions of each channel by itself, alone or followed by a mix of the channels (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, GlorotUniform, Zeros
from trainer.config.layers.base import Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation, Flag, Padding, Pair, Single, Size

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"]

_WINDOW = "Height and width of the convolution window; a single integer sets both."
_STRIDES = "Strides of the convolution along the height and width; a single integer sets both."
_DILATION = "Dilation rate of the convolution."


class _Depthwise(Layer):
    depth_multiplier: Size = option(1, "Number of output channels of the depthwise step for each input channel.")
    activation: Activation | None = option(None, "Activation function; null for a linear output.")
    use_bias: Flag = option(True, "Whether the layer uses a bias vector.", advanced=True)
    depthwise_initializer: AnyInitializer = option(
        GlorotUniform(), "Initializer of the depthwise kernel.", advanced=True
    )
    bias_initializer: AnyInitializer = option(Zeros(), "Initializer of the bias vector.", advanced=True)
    depthwise_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the depthwise kernel.", advanced=True
    )
    bias_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the bias vector.", advanced=True)
    activity_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the output of the layer.", advanced=True
    )
    depthwise_constraint: AnyConstraint | None = option(
        None, "Constraint applied to the depthwise kernel.", advanced=True
    )
    bias_constraint: AnyConstraint | None = option(None, "Constraint applied to the bias vector.", advanced=True)


class DepthwiseConv1D(_Depthwise):
    """1D convolution of each channel of a sequence by itself."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["DepthwiseConv1D"] = "DepthwiseConv1D"
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride of the convolution.")
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the length.")
    dilation_rate: Single = option(1, _DILATION, advanced=True)


class DepthwiseConv2D(_Depthwise):
    """2D convolution of each channel of an image by itself."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["DepthwiseConv2D"] = "DepthwiseConv2D"
    kernel_size: Pair = option(..., _WINDOW)
    strides: Pair = option((1, 1), _STRIDES)
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the height and width.")
    dilation_rate: Pair = option((1, 1), _DILATION, advanced=True)


class _Separable(_Depthwise):
    filters: Size = option(..., "Number of filters, that is, of output channels.")
    pointwise_initializer: AnyInitializer = option(
        GlorotUniform(), "Initializer of the pointwise kernel.", advanced=True
    )
    pointwise_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the pointwise kernel.", advanced=True
    )
    pointwise_constraint: AnyConstraint | None = option(
        None, "Constraint applied to the pointwise kernel.", advanced=True
    )


class SeparableConv1D(_Separable):
    """1D convolution of each channel by itself, then a mix of the channels: fewer weights than Conv1D."""

    first: ClassVar[tuple[str, ...]] = ("filters",)
    input_rank: ClassVar[int | None] = 3
    layer: Literal["SeparableConv1D"] = "SeparableConv1D"
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride of the convolution.")
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the length.")
    dilation_rate: Single = option(1, _DILATION, advanced=True)


class SeparableConv2D(_Separable):
    """2D convolution of each channel by itself, then a mix of the channels: fewer weights than Conv2D."""

    first: ClassVar[tuple[str, ...]] = ("filters",)
    input_rank: ClassVar[int | None] = 4
    layer: Literal["SeparableConv2D"] = "SeparableConv2D"
    kernel_size: Pair = option(..., _WINDOW)
    strides: Pair = option((1, 1), _STRIDES)
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the height and width.")
    dilation_rate: Pair = option((1, 1), _DILATION, advanced=True)
