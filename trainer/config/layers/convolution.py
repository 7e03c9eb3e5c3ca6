"""Convolutional layers with a kernel over all channels (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from trainer.config.component import option
from trainer.config.layers.base import KernelLayer
from trainer.config.values import Activation, Count, Padding, Pair, Single, Size, Triple

__all__ = ["Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose"]

_FILTERS = "Number of filters, that is, of output channels."
_ACTIVATION = "Activation function; null for a linear output."
_DILATION = "Dilation rate of the convolution."
_GROUPS = "Number of groups into which the input channels are split; each group is convolved separately."
_OUTPUT_PADDING = "Length added to one side of the output; by default Keras infers it."


def _for_each(axes: int) -> BeforeValidator:
    return BeforeValidator(lambda value: (value,) * axes if type(value) is int else value)


_OneMargin = Annotated[
    Count, BeforeValidator(lambda value: value[0] if isinstance(value, list) and len(value) == 1 else value)
]
_TwoMargins = Annotated[tuple[Count, Count], _for_each(2)]
_ThreeMargins = Annotated[tuple[Count, Count, Count], _for_each(3)]


class Conv1D(KernelLayer):
    """1D convolution over sequences of (steps, channels)."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Conv1D"] = "Conv1D"
    filters: Size = option(..., _FILTERS)
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride of the convolution.")
    padding: Literal["valid", "same", "causal"] = option(
        "valid",
        "Padding. valid: none; same: keeps the length; causal: each output depends only on earlier steps.",
    )
    dilation_rate: Single = option(1, _DILATION, advanced=True)
    groups: Size = option(1, _GROUPS, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)


class Conv2D(KernelLayer):
    """2D convolution over images of (height, width, channels)."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Conv2D"] = "Conv2D"
    filters: Size = option(..., _FILTERS)
    kernel_size: Pair = option(..., "Height and width of the convolution window; a single integer sets both.")
    strides: Pair = option((1, 1), "Strides of the convolution along the height and width; a single integer sets both.")
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the height and width.")
    dilation_rate: Pair = option((1, 1), _DILATION, advanced=True)
    groups: Size = option(1, _GROUPS, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)


class Conv3D(KernelLayer):
    """3D convolution over volumes of (depth, height, width, channels)."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["Conv3D"] = "Conv3D"
    filters: Size = option(..., _FILTERS)
    kernel_size: Triple = option(..., "Depth, height and width of the window; a single integer sets all.")
    strides: Triple = option((1, 1, 1), "Strides along the depth, height and width; a single integer sets all.")
    padding: Padding = option("valid", "Padding. valid: none; same: keeps the size.")
    dilation_rate: Triple = option((1, 1, 1), _DILATION, advanced=True)
    groups: Size = option(1, _GROUPS, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)


class Conv1DTranspose(KernelLayer):
    """Transposed 1D convolution, which makes sequences longer."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Conv1DTranspose"] = "Conv1DTranspose"
    filters: Size = option(..., _FILTERS)
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride: the factor by which the sequence becomes longer.")
    padding: Padding = option("valid", "Padding. valid: none; same: the length is multiplied by the stride.")
    output_padding: _OneMargin | None = option(None, _OUTPUT_PADDING, advanced=True)
    dilation_rate: Single = option(1, _DILATION, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)


class Conv2DTranspose(KernelLayer):
    """Transposed 2D convolution, which enlarges images."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Conv2DTranspose"] = "Conv2DTranspose"
    filters: Size = option(..., _FILTERS)
    kernel_size: Pair = option(..., "Height and width of the convolution window; a single integer sets both.")
    strides: Pair = option((1, 1), "Factors by which the height and width grow; a single integer sets both.")
    padding: Padding = option("valid", "Padding. valid: none; same: the size is multiplied by the strides.")
    output_padding: _TwoMargins | None = option(None, _OUTPUT_PADDING, advanced=True)
    dilation_rate: Pair = option((1, 1), _DILATION, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)


class Conv3DTranspose(KernelLayer):
    """Transposed 3D convolution, which enlarges volumes."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["Conv3DTranspose"] = "Conv3DTranspose"
    filters: Size = option(..., _FILTERS)
    kernel_size: Triple = option(..., "Depth, height and width of the window; a single integer sets all.")
    strides: Triple = option((1, 1, 1), "Factors by which depth, height and width grow; a single integer sets all.")
    padding: Padding = option("valid", "Padding. valid: none; same: the size is multiplied by the strides.")
    output_padding: _ThreeMargins | None = option(None, _OUTPUT_PADDING, advanced=True)
    dilation_rate: Triple = option((1, 1, 1), _DILATION, advanced=True)
    activation: Activation | None = option(None, _ACTIVATION)
