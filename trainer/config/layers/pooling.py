"""Pooling: a few numbers for many (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Flag, Padding, Pair, Single

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "MaxPooling1D",
    "MaxPooling2D",
]

_STRIDES = "How far the window moves at a time; by default its own size."
_PADDING = "valid: only whole windows; same: padded at the edge."
_KEEPDIMS = "Whether the pooled axes stay, with length 1."


class MaxPooling1D(Layer):
    """Keeps the largest value of each window along a sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["MaxPooling1D"] = "MaxPooling1D"
    pool_size: Single = option(2, "How many steps a window spans.")
    strides: Single | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class MaxPooling2D(Layer):
    """Keeps the largest value of each window of an image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["MaxPooling2D"] = "MaxPooling2D"
    pool_size: Pair = option((2, 2), "A window's height and width; one number stands for both.")
    strides: Pair | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class AveragePooling1D(Layer):
    """Keeps the mean of each window along a sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["AveragePooling1D"] = "AveragePooling1D"
    pool_size: Single = option(..., "How many steps a window spans.")
    strides: Single | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class AveragePooling2D(Layer):
    """Keeps the mean of each window of an image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["AveragePooling2D"] = "AveragePooling2D"
    pool_size: Pair = option(..., "A window's height and width; one number stands for both.")
    strides: Pair | None = option(None, _STRIDES)
    padding: Padding = option("valid", _PADDING)


class GlobalAveragePooling1D(Layer):
    """The mean of each channel over the whole sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["GlobalAveragePooling1D"] = "GlobalAveragePooling1D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalAveragePooling2D(Layer):
    """The mean of each channel over the whole image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalMaxPooling1D(Layer):
    """The largest value of each channel over the whole sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["GlobalMaxPooling1D"] = "GlobalMaxPooling1D"
    keepdims: Flag = option(False, _KEEPDIMS)


class GlobalMaxPooling2D(Layer):
    """The largest value of each channel over the whole image."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["GlobalMaxPooling2D"] = "GlobalMaxPooling2D"
    keepdims: Flag = option(False, _KEEPDIMS)
