"""Convolutions (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.layers.base import KernelLayer
from trainer.config.values import Activation, Padding, Pair, Single, Size

__all__ = ["Conv1D", "Conv2D"]


class Conv1D(KernelLayer):
    """Slides learned patterns along a sequence of (length, channels)."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Conv1D"] = "Conv1D"
    filters: Size = option(..., "How many patterns are learned, each a channel of the output.")
    kernel_size: Single = option(..., "How many steps a pattern spans.")
    strides: Single = option(1, "How many steps it moves at a time.")
    padding: Literal["valid", "same", "causal"] = option(
        "valid",
        "valid: only where the pattern fits; same: padded to keep the length; causal: never sees what comes later.",
    )
    dilation_rate: Single = option(1, "The distance between the pattern's points.", advanced=True)
    groups: Size = option(1, "In how many separate groups channels are handled.", advanced=True)
    activation: Activation | None = option(None, "The function put on the output.")


class Conv2D(KernelLayer):
    """Slides learned patterns over images of (height, width, channels)."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Conv2D"] = "Conv2D"
    filters: Size = option(..., "How many patterns are learned, each a channel of the output.")
    kernel_size: Pair = option(..., "A pattern's height and width; one number stands for both.")
    strides: Pair = option((1, 1), "How far it moves at a time.")
    padding: Padding = option("valid", "valid: only where the pattern fits; same: padded to keep the size.")
    dilation_rate: Pair = option((1, 1), "The distance between the pattern's points.", advanced=True)
    groups: Size = option(1, "In how many separate groups channels are handled.", advanced=True)
    activation: Activation | None = option(None, "The function put on the output.")
