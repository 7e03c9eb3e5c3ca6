"""Layers that repeat, permute, crop, enlarge or pad their inputs (`keras.layers`). None has weights."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Margins1D, Margins2D, Margins3D, Pair, Single, Size, Triple

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Permute",
    "RepeatVector",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]

_STEPS = "at the start and at the end; a single integer sets both."
_SIDES = "at the top, bottom, left and right; a single integer sets all."
_FACES = "before and after along the depth, height and width; a single integer sets all."


class RepeatVector(Layer):
    """Repeats each vector n times, which makes a sequence of it."""

    input_rank: ClassVar[int | None] = 2
    layer: Literal["RepeatVector"] = "RepeatVector"
    n: Size = option(..., "Number of repetitions, that is, the length of the sequence.")


class Permute(Layer):
    """Reorders the dimensions of each sample."""

    layer: Literal["Permute"] = "Permute"
    dims: Annotated[tuple[Size, ...], Field(min_length=1)] = option(
        ..., "New order of the dimensions, counted from 1, without the batch: 2, 1 swaps the first two."
    )


class Cropping1D(Layer):
    """Cuts steps off the start and the end of sequences."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Cropping1D"] = "Cropping1D"
    cropping: Margins1D = option((1, 1), f"Number of steps to cut off {_STEPS}")


class Cropping2D(Layer):
    """Cuts rows and columns off the edges of images."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Cropping2D"] = "Cropping2D"
    cropping: Margins2D = option(((0, 0), (0, 0)), f"Number of rows and columns to cut off {_SIDES}")


class Cropping3D(Layer):
    """Cuts slices off the faces of volumes."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["Cropping3D"] = "Cropping3D"
    cropping: Margins3D = option(((1, 1), (1, 1), (1, 1)), f"Number of slices to cut off {_FACES}")


class UpSampling1D(Layer):
    """Repeats each step of a sequence."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["UpSampling1D"] = "UpSampling1D"
    size: Single = option(2, "Number of repetitions of each step.")


class UpSampling2D(Layer):
    """Enlarges images by repeating rows and columns, or by interpolation."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["UpSampling2D"] = "UpSampling2D"
    size: Pair = option((2, 2), "Factors of the height and width; a single integer sets both.")
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] = option(
        "nearest", "Interpolation between the pixels."
    )


class UpSampling3D(Layer):
    """Enlarges volumes by repeating slices."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["UpSampling3D"] = "UpSampling3D"
    size: Triple = option((2, 2, 2), "Factors of the depth, height and width; a single integer sets all.")


class ZeroPadding1D(Layer):
    """Adds steps of zeros to the start and the end of sequences."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["ZeroPadding1D"] = "ZeroPadding1D"
    padding: Margins1D = option((1, 1), f"Number of zeros to add {_STEPS}")


class ZeroPadding2D(Layer):
    """Adds rows and columns of zeros to the edges of images."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["ZeroPadding2D"] = "ZeroPadding2D"
    padding: Margins2D = option(((1, 1), (1, 1)), f"Number of rows and columns of zeros to add {_SIDES}")


class ZeroPadding3D(Layer):
    """Adds slices of zeros to the faces of volumes."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["ZeroPadding3D"] = "ZeroPadding3D"
    padding: Margins3D = option(((1, 1), (1, 1), (1, 1)), f"Number of slices of zeros to add {_FACES}")
