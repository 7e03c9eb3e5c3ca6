"""Recurrent layers whose steps are convolved (`keras.layers`)."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, Orthogonal
from trainer.config.layers.base import KernelLayer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation, Flag, Padding, Pair, Probability, Seed, Single, Size, Triple

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]

_PADDING = "Padding. valid: none; same: keeps the size of each step."
_DILATION = "Dilation rate of the convolution."


class _ConvLSTM(KernelLayer):
    first: ClassVar[tuple[str, ...]] = ("filters",)
    filters: Size = option(..., "Number of filters, that is, of output channels.")
    activation: Activation | None = option("tanh", "Activation function of the state.")
    return_sequences: Flag = option(False, "Whether to return the output of every step instead of only the last.")
    dropout: Probability = option(0.0, "Fraction of the inputs to drop, between 0 and 1.")
    recurrent_dropout: Probability = option(0.0, "Fraction of the recurrent state to drop, between 0 and 1.")
    recurrent_activation: Activation | None = option("sigmoid", "Activation function of the gates.", advanced=True)
    unit_forget_bias: Flag = option(True, "Whether to initialize the bias of the forget gate to 1.", advanced=True)
    recurrent_initializer: AnyInitializer = option(Orthogonal(), "Initializer of the recurrent kernel.", advanced=True)
    recurrent_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the recurrent kernel.", advanced=True
    )
    recurrent_constraint: AnyConstraint | None = option(
        None, "Constraint applied to the recurrent kernel.", advanced=True
    )
    go_backwards: Flag = option(False, "Whether to process the steps backwards.", advanced=True)
    seed: Seed | None = option(None, "Seed of dropout; by default it is derived from the config's seed.", advanced=True)


class ConvLSTM1D(_ConvLSTM):
    """LSTM over steps that are sequences, with 1D convolutions in place of matrix products."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["ConvLSTM1D"] = "ConvLSTM1D"
    kernel_size: Single = option(..., "Length of the convolution window.")
    strides: Single = option(1, "Stride of the convolution.")
    padding: Padding = option("valid", _PADDING)
    dilation_rate: Single = option(1, _DILATION, advanced=True)


class ConvLSTM2D(_ConvLSTM):
    """LSTM over steps that are images, such as the frames of a video, with 2D convolutions."""

    input_rank: ClassVar[int | None] = 5
    layer: Literal["ConvLSTM2D"] = "ConvLSTM2D"
    kernel_size: Pair = option(..., "Height and width of the convolution window; a single integer sets both.")
    strides: Pair = option((1, 1), "Strides of the convolution; a single integer sets both.")
    padding: Padding = option("valid", _PADDING)
    dilation_rate: Pair = option((1, 1), _DILATION, advanced=True)


class ConvLSTM3D(_ConvLSTM):
    """LSTM over steps that are volumes, with 3D convolutions."""

    input_rank: ClassVar[int | None] = 6
    layer: Literal["ConvLSTM3D"] = "ConvLSTM3D"
    kernel_size: Triple = option(..., "Depth, height and width of the window; a single integer sets all.")
    strides: Triple = option((1, 1, 1), "Strides of the convolution; a single integer sets all.")
    padding: Padding = option("valid", _PADDING)
    dilation_rate: Triple = option((1, 1, 1), _DILATION, advanced=True)
