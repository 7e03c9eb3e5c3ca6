"""Pooling layers (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Flag, Padding, Pair, Single, Triple

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]

_STRIDES = "Stride of the pooling window; by default its size."
_PADDING = "Padding. valid: none; same: pads the edges so that no input is cut off."
_VOLUME = "Depth, height and width of the pooling window; a single integer sets all."
_KEEPDIMS = "Whether to keep the pooled axes with length 1."


class MaxPooling1D(Layer):
    """Max pooling over sequences: the maximum of each window."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["MaxPooling1D"] = "MaxPooling1D"
    pool_size: Single = option(2, "Length of the pooling window.")
    strides: Single | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class MaxPooling2D(Layer):
    """Max pooling over images: the maximum of each window."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["MaxPooling2D"] = "MaxPooling2D"
    pool_size: Pair = option((2, 2), "Height and width of the pooling window; a single integer sets both.")
    strides: Pair | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class AveragePooling1D(Layer):
    """Average pooling over sequences: the mean of each window."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["AveragePooling1D"] = "AveragePooling1D"
    # Keras gives this argument a default in max pooling only.
    pool_size: Single = option(..., "Length of the pooling window.")
    strides: Single | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class AveragePooling2D(Layer):
    """Average pooling over images: the mean of each window."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["AveragePooling2D"] = "AveragePooling2D"
    pool_size: Pair = option(..., "Height and width of the pooling window; a single integer sets both.")
    strides: Pair | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class GlobalAveragePooling1D(Layer):
    """Global average pooling: the mean of each channel over the whole sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["GlobalAveragePooling1D"] = "GlobalAveragePooling1D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalAveragePooling2D(Layer):
    """Global average pooling: the mean of each channel over the whole image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalMaxPooling1D(Layer):
    """Global max pooling: the maximum of each channel over the whole sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["GlobalMaxPooling1D"] = "GlobalMaxPooling1D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalMaxPooling2D(Layer):
    """Global max pooling: the maximum of each channel over the whole image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["GlobalMaxPooling2D"] = "GlobalMaxPooling2D"
    keepdims: Flag = option(False, _KEEPDIMS)


class MaxPooling3D(Layer):
    """Max pooling over volumes: the maximum of each window."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["MaxPooling3D"] = "MaxPooling3D"
    pool_size: Triple = option((2, 2, 2), _VOLUME)
    strides: Triple | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class AveragePooling3D(Layer):
    """Average pooling over volumes: the mean of each window."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["AveragePooling3D"] = "AveragePooling3D"
    pool_size: Triple = option(..., _VOLUME)
    strides: Triple | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class GlobalAveragePooling3D(Layer):
    """Global average pooling: the mean of each channel over the whole volume."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["GlobalAveragePooling3D"] = "GlobalAveragePooling3D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalMaxPooling3D(Layer):
    """Global max pooling: the maximum of each channel over the whole volume."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["GlobalMaxPooling3D"] = "GlobalMaxPooling3D"
    keepdims: Flag = option(False, _KEEPDIMS)


class AdaptiveMaxPooling1D(Layer):
    """Max pooling over windows chosen so that the output has a given length."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["AdaptiveMaxPooling1D"] = "AdaptiveMaxPooling1D"
    output_size: Single = option(..., "Length of the output.")


class AdaptiveMaxPooling2D(Layer):
    """Max pooling over windows chosen so that the output has a given size."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["AdaptiveMaxPooling2D"] = "AdaptiveMaxPooling2D"
    output_size: Pair = option(..., "Height and width of the output; a single integer sets both.")


class AdaptiveMaxPooling3D(Layer):
    """Max pooling over windows chosen so that the output has a given size."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["AdaptiveMaxPooling3D"] = "AdaptiveMaxPooling3D"
    output_size: Triple = option(..., "Depth, height and width of the output; a single integer sets all.")


class AdaptiveAveragePooling1D(Layer):
    """Average pooling over windows chosen so that the output has a given length."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["AdaptiveAveragePooling1D"] = "AdaptiveAveragePooling1D"
    output_size: Single = option(..., "Length of the output.")


class AdaptiveAveragePooling2D(Layer):
    """Average pooling over windows chosen so that the output has a given size."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["AdaptiveAveragePooling2D"] = "AdaptiveAveragePooling2D"
    output_size: Pair = option(..., "Height and width of the output; a single integer sets both.")


class AdaptiveAveragePooling3D(Layer):
    """Average pooling over windows chosen so that the output has a given size."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["AdaptiveAveragePooling3D"] = "AdaptiveAveragePooling3D"
    output_size: Triple = option(..., "Depth, height and width of the output; a single integer sets all.")
