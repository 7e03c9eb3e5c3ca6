"""Recurrent layers, which process a sequence step by step (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from trainer.config.component import Registry, option
from trainer.config.initializers import AnyInitializer, Orthogonal
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation, Flag, Probability, Seed, Size

__all__ = ["GRU", "LSTM", "RECURRENT", "Bidirectional", "SimpleRNN"]


class _Recurrent(KernelLayer):
    input_rank: ClassVar[int | None] = 3
    units: Size = option(..., "Number of units, that is, the size of the state and of the output.")
    activation: Activation | None = option("tanh", "Activation function of the state.")
    return_sequences: Flag = option(False, "Whether to return the output of every step instead of only the last.")
    dropout: Probability = option(0.0, "Fraction of the input units to drop, between 0 and 1.")
    recurrent_dropout: Probability = option(
        0.0, "Fraction of the units of the recurrent state to drop, between 0 and 1."
    )
    recurrent_initializer: AnyInitializer = option(Orthogonal(), "Initializer of the recurrent kernel.", advanced=True)
    recurrent_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the recurrent kernel.", advanced=True
    )
    recurrent_constraint: AnyConstraint | None = option(
        None, "Constraint applied to the recurrent kernel.", advanced=True
    )
    go_backwards: Flag = option(False, "Whether to process the sequence backwards.", advanced=True)
    unroll: Flag = option(
        False, "Whether to unroll the loop, which is faster for short sequences but needs more memory.", advanced=True
    )
    seed: Seed | None = option(None, "Seed of dropout; by default it is derived from the config's seed.", advanced=True)


class SimpleRNN(_Recurrent):
    """Fully connected RNN: the output of each step is fed back as input to the next."""

    layer: Literal["SimpleRNN"] = "SimpleRNN"


class LSTM(_Recurrent):
    """Long short-term memory: gates control what is kept over many steps."""

    layer: Literal["LSTM"] = "LSTM"
    recurrent_activation: Activation | None = option("sigmoid", "Activation function of the gates.", advanced=True)
    unit_forget_bias: Flag = option(True, "Whether to initialize the bias of the forget gate to 1.", advanced=True)
    use_cudnn: Literal["auto"] | Flag = option(
        "auto", "Whether to use the cuDNN implementation on a GPU.", advanced=True
    )


class GRU(_Recurrent):
    """Gated recurrent unit: similar to LSTM, but with fewer weights."""

    layer: Literal["GRU"] = "GRU"
    recurrent_activation: Activation | None = option("sigmoid", "Activation function of the gates.", advanced=True)
    reset_after: Flag = option(True, "Whether to apply the reset gate after the matrix multiplication.", advanced=True)
    use_cudnn: Literal["auto"] | Flag = option(
        "auto", "Whether to use the cuDNN implementation on a GPU.", advanced=True
    )


RECURRENT = Registry.of("recurrent layer", [SimpleRNN, LSTM, GRU], exact=True)


class Bidirectional(Layer):
    """Bidirectional wrapper: two copies of a recurrent layer process the sequence in both directions."""

    input_rank: ClassVar[int | None] = 3
    key: ClassVar[str] = "layer"
    layer: Literal["Bidirectional"] = "Bidirectional"
    # Keras calls this argument `layer`, the name of the discriminator here.
    wrapped: Annotated[_Recurrent, RECURRENT] = option(..., "Recurrent layer to wrap.")
    merge_mode: Literal["sum", "mul", "concat", "ave"] = option(
        "concat", "Way to combine the outputs of the two directions."
    )
