"""Changes of the colors and the contrast of images (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Number, Pair, Probability, Range, Seed, Share, Signed, Size

__all__ = [
    "AutoContrast",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Equalization",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPosterization",
    "RandomSaturation",
    "RandomSharpness",
    "Solarization",
]

_BETWEEN = "two numbers are a lower and an upper bound."
_STRENGTH = f"Strength of the change, or the upper bound of it, between 0 and 1; {_BETWEEN}"


class _Colors(Layer):
    input_rank: ClassVar[int | None] = 4
    value_range: Range = option((0, 255), "Smallest and largest value of the inputs.")


class _RandomColors(_Colors):
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class RandomBrightness(_RandomColors):
    """Makes images brighter or darker at random during training."""

    layer: Literal["RandomBrightness"] = "RandomBrightness"
    factor: Signed = option(..., f"Largest change in either direction, between −1 and 1; {_BETWEEN}")


class RandomContrast(_RandomColors):
    """Changes the contrast of images at random during training."""

    layer: Literal["RandomContrast"] = "RandomContrast"
    factor: Share = option(..., f"Largest change in either direction, as a fraction; {_BETWEEN}")


class RandomHue(_RandomColors):
    """Changes the hue of color images at random during training."""

    layer: Literal["RandomHue"] = "RandomHue"
    factor: Share = option(..., _STRENGTH)


class RandomSaturation(_RandomColors):
    """Changes the saturation of color images at random during training."""

    layer: Literal["RandomSaturation"] = "RandomSaturation"
    factor: Share = option(..., f"Saturation: 0 is gray, 0.5 leaves the image as it is, 1 is strongest; {_BETWEEN}")


class RandomSharpness(_RandomColors):
    """Blurs or sharpens images at random during training."""

    layer: Literal["RandomSharpness"] = "RandomSharpness"
    factor: Share = option(..., f"Sharpness: 0 is blurred, 0.5 leaves the image as it is, 1 is sharpest; {_BETWEEN}")


class RandomColorDegeneration(_RandomColors):
    """Makes the colors of images duller at random during training."""

    layer: Literal["RandomColorDegeneration"] = "RandomColorDegeneration"
    factor: Share = option(..., _STRENGTH)


class RandomColorJitter(_RandomColors):
    """Changes brightness, contrast, saturation and hue of color images at random during training."""

    layer: Literal["RandomColorJitter"] = "RandomColorJitter"
    brightness_factor: Signed | None = option(None, "Factor of RandomBrightness; by default it is not applied.")
    contrast_factor: Share | None = option(None, "Factor of RandomContrast; by default it is not applied.")
    saturation_factor: Share | None = option(None, "Factor of RandomSaturation; by default it is not applied.")
    hue_factor: Share | None = option(None, "Factor of RandomHue; by default it is not applied.")


class RandomGaussianBlur(_RandomColors):
    """Blurs images at random during training."""

    layer: Literal["RandomGaussianBlur"] = "RandomGaussianBlur"
    factor: Share = option(1.0, f"Probability of the blur, or the upper bound of it; {_BETWEEN}")
    kernel_size: Size | tuple[Size, Size] = option(3, "Size of the blur in pixels, an odd number, or height and width.")
    sigma: Share = option(1.0, f"Standard deviation of the blur, between 0 and 1, or the upper bound of it; {_BETWEEN}")


class RandomGrayscale(Layer):
    """Turns color images gray at random during training; the number of channels is kept."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["RandomGrayscale"] = "RandomGrayscale"
    factor: Probability = option(0.5, "Fraction of the images that become gray.")
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class RandomInvert(_RandomColors):
    """Inverts the colors of images at random during training."""

    layer: Literal["RandomInvert"] = "RandomInvert"
    factor: Share = option(1.0, f"Probability of the change, or the upper bound of it; {_BETWEEN}")


class RandomPosterization(_RandomColors):
    """Reduces the number of different colors during training."""

    layer: Literal["RandomPosterization"] = "RandomPosterization"
    factor: Annotated[int, Field(strict=True, ge=1, le=8)] = option(..., "Number of bits to keep of each channel.")


class Solarization(_RandomColors):
    """Inverts the values above a random threshold during training."""

    layer: Literal["Solarization"] = "Solarization"
    addition_factor: Share = option(0.0, f"Largest amount added before, between 0 and 1; {_BETWEEN}")
    threshold_factor: Share = option(0.0, f"Largest threshold, between 0 and 1; {_BETWEEN}")


class AutoContrast(_Colors):
    """Stretches the values of each image over the whole range, during evaluation too."""

    layer: Literal["AutoContrast"] = "AutoContrast"


class Equalization(_Colors):
    """Equalizes the histogram of each channel, during evaluation too."""

    layer: Literal["Equalization"] = "Equalization"
    bins: Size = option(256, "Number of bins of the histogram.")


class ContrastLimitedAdaptiveHistogramEqualization(_Colors):
    """Equalizes the histogram of parts of each image with a limit (CLAHE), during evaluation too."""

    layer: Literal["ContrastLimitedAdaptiveHistogramEqualization"] = "ContrastLimitedAdaptiveHistogramEqualization"
    clip_limit: Annotated[Number, Field(gt=0)] = option(4.0, "Limit of the amplification of noise.")
    tile_grid_size: Pair = option((8, 8), "Number of rows and columns of tiles; a single integer sets both.")
