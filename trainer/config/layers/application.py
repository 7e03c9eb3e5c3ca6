"""The networks of `keras.applications`, without their top, as one layer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from trainer.config.component import option
from trainer.config.layers.base import Composite
from trainer.config.values import Flag

__all__ = ["APPLICATIONS", "MEAN", "VARIANCE", "Application", "Pixels"]


class Pixels(StrEnum):
    """What the `preprocess_input` of a network of `keras.applications` makes of pixels from 0 to 255."""

    TF = "tf"
    """From −1 to 1."""
    CAFFE = "caffe"
    """Blue, green and red, each without its mean."""
    TORCH = "torch"
    """Normalized by mean and variance."""
    NONE = "none"
    """Nothing: the network has its own layers for it."""


_NAMES = Literal[
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "NASNetLarge",
    "NASNetMobile",
    "ResNet50",
    "ResNet50V2",
    "ResNet101",
    "ResNet101V2",
    "ResNet152",
    "ResNet152V2",
    "VGG16",
    "VGG19",
    "Xception",
]
_TF = Pixels.TF
APPLICATIONS: Final[Mapping[str, Pixels]] = {
    **{f"ConvNeXt{size}": Pixels.NONE for size in ("Base", "Large", "Small", "Tiny", "XLarge")},
    **{f"DenseNet{depth}": Pixels.TORCH for depth in (121, 169, 201)},
    **{f"EfficientNetB{size}": Pixels.NONE for size in range(8)},
    **{f"EfficientNetV2{size}": Pixels.NONE for size in ("B0", "B1", "B2", "B3", "L", "M", "S")},
    "InceptionResNetV2": _TF,
    "InceptionV3": _TF,
    "MobileNet": _TF,
    "MobileNetV2": _TF,
    "MobileNetV3Large": Pixels.NONE,
    "MobileNetV3Small": Pixels.NONE,
    "NASNetLarge": _TF,
    "NASNetMobile": _TF,
    **{f"ResNet{depth}": Pixels.CAFFE for depth in (50, 101, 152)},
    **{f"ResNet{depth}V2": _TF for depth in (50, 101, 152)},
    "VGG16": Pixels.CAFFE,
    "VGG19": Pixels.CAFFE,
    "Xception": _TF,
}
"""How each network of `keras.applications` expects its pixels."""


# The statistics of ImageNet's pixels, from 0 to 1, in `keras.applications.imagenet_utils`.
MEAN = (0.485, 0.456, 0.406)
"""The mean of red, green and blue for `Pixels.TORCH`."""
VARIANCE = (0.229**2, 0.224**2, 0.225**2)
"""The variance of red, green and blue for `Pixels.TORCH`."""


class Application(Composite):
    """A network of `keras.applications` without its top, on pictures with three channels and pixels from 0 to 1."""

    model_config = ConfigDict(protected_namespaces=())

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Application"] = "Application"
    model: _NAMES = option(..., "Name of the network.")
    weights: Literal["imagenet"] | None = option(
        "imagenet",
        "Initial weights: those trained on ImageNet, which Keras downloads once, or null for random ones.",
    )
    pooling: Literal["avg", "max"] | None = option(
        None, "Pooling of the network's output to one vector per picture; null for none."
    )
    preprocess: Flag = option(
        True, "Whether to scale the pixels as the network's `preprocess_input` does.", advanced=True
    )
