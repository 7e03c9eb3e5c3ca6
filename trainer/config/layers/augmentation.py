"""Random and fixed changes of images, mostly active during training only (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Flag, Number, Positive, Probability, Range, Seed, Share, Signed, Size

__all__ = [
    "AugMix",
    "RandAugment",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomPerspective",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
]

_FILL = "Way to fill the points outside the image."
_BETWEEN = "two numbers are a lower and an upper bound."
_CHANCE = f"Probability of the change, or the upper bound of it; {_BETWEEN}"
_FillMode = Literal["reflect", "constant", "wrap", "nearest"]
_Interpolation = Literal["nearest", "bilinear"]


class _Augmentation(Layer):
    input_rank: ClassVar[int | None] = 4
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class _Moving(_Augmentation):
    fill_mode: _FillMode = option("reflect", _FILL, advanced=True)
    interpolation: _Interpolation = option("bilinear", "Interpolation between the pixels.", advanced=True)
    fill_value: Number = option(0.0, "Value of the points outside if fill_mode is constant.", advanced=True)


class RandomFlip(_Augmentation):
    """Flips images at random during training."""

    layer: Literal["RandomFlip"] = "RandomFlip"
    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = option(
        "horizontal_and_vertical", "Direction of the flips."
    )


class RandomRotation(_Moving):
    """Rotates images by a random angle during training."""

    layer: Literal["RandomRotation"] = "RandomRotation"
    factor: Signed = option(..., f"Largest angle in either direction as a fraction of 2π; {_BETWEEN}")


class RandomTranslation(_Moving):
    """Shifts images by a random distance during training."""

    layer: Literal["RandomTranslation"] = "RandomTranslation"
    height_factor: Signed = option(..., f"Largest shift up or down as a fraction of the height; {_BETWEEN}")
    width_factor: Signed = option(..., f"Largest shift left or right as a fraction of the width; {_BETWEEN}")


class RandomZoom(_Moving):
    """Zooms images in or out at random during training."""

    layer: Literal["RandomZoom"] = "RandomZoom"
    height_factor: Signed = option(..., f"Largest zoom as a fraction of the height, positive is out; {_BETWEEN}")
    width_factor: Signed | None = option(
        None,
        f"Largest zoom as a fraction of the width; by default that of the height, so that shapes are kept; {_BETWEEN}",
    )


class RandomShear(_Moving):
    """Shears images at random during training."""

    layer: Literal["RandomShear"] = "RandomShear"
    x_factor: Share = option(0.0, f"Largest horizontal shear, between 0 and 1; {_BETWEEN}")
    y_factor: Share = option(0.0, f"Largest vertical shear, between 0 and 1; {_BETWEEN}")


class RandomPerspective(_Augmentation):
    """Distorts the perspective of images at random during training."""

    layer: Literal["RandomPerspective"] = "RandomPerspective"
    factor: Share = option(1.0, _CHANCE)
    scale: Probability = option(1.0, "Largest displacement of the corners, between 0 and 1.")
    interpolation: _Interpolation = option("bilinear", "Interpolation between the pixels.", advanced=True)
    fill_value: Number = option(0.0, "Value of the points outside the image.", advanced=True)


class RandomElasticTransform(_Moving):
    """Distorts images elastically at random during training."""

    layer: Literal["RandomElasticTransform"] = "RandomElasticTransform"
    factor: Share = option(1.0, _CHANCE)
    scale: Share = option(1.0, f"Strength of the distortion, or the upper bound of it; {_BETWEEN}")
    value_range: Range = option((0, 255), "Smallest and largest value of the inputs.")


class RandomErasing(_Augmentation):
    """Erases a random rectangle of each image during training."""

    layer: Literal["RandomErasing"] = "RandomErasing"
    factor: Share = option(1.0, _CHANCE)
    scale: tuple[Probability, Probability] = option(
        (0.02, 0.33), "Smallest and largest area of the rectangle as a fraction of the image."
    )
    fill_value: Number | None = option(None, "Value of the rectangle; by default it is noise.")
    value_range: Range = option((0, 255), "Smallest and largest value of the inputs.")


class RandAugment(_Augmentation):
    """Applies a few random operations to each image during training (Cubuk et al., 2019)."""

    layer: Literal["RandAugment"] = "RandAugment"
    value_range: Range = option((0, 255), "Smallest and largest value of the inputs.")
    num_ops: Annotated[int, Field(strict=True, ge=1, le=14)] = option(2, "Number of operations for each image.")
    factor: Probability = option(0.5, "Strength of the operations, between 0 and 1.")
    interpolation: _Interpolation = option("bilinear", "Interpolation between the pixels.", advanced=True)


class AugMix(_Augmentation):
    """Mixes chains of random operations with the original image during training (Hendrycks et al., 2019)."""

    layer: Literal["AugMix"] = "AugMix"
    value_range: Range = option((0, 255), "Smallest and largest value of the inputs.")
    num_chains: Size = option(3, "Number of chains to mix.")
    chain_depth: Size = option(3, "Largest number of operations of a chain.")
    factor: Share = option(0.3, "Strength of the operations, between 0 and 1.")
    alpha: Positive = option(1.0, "Parameter of the distributions that the weights of the chains are drawn from.")
    all_ops: Flag = option(True, "Whether to include operations on brightness, color, contrast and sharpness.")
    interpolation: _Interpolation = option("bilinear", "Interpolation between the pixels.", advanced=True)
