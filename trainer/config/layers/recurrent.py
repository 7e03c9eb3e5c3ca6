"""Recurrent layers: one step of a sequence after the other (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from trainer.config.component import Registry, option
from trainer.config.initializers import AnyInitializer, Orthogonal
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation, Flag, Probability, Seed, Size

__all__ = ["GRU", "LSTM", "RECURRENT", "Bidirectional", "SimpleRNN"]


class _Recurrent(KernelLayer):
    input_rank: ClassVar[int | None] = 3
    units: Size = option(..., "How many numbers the layer remembers and puts out.")
    activation: Activation | None = option("tanh", "The function put on what is remembered.")
    return_sequences: Flag = option(False, "Whether every step is put out, or only the last one.")
    dropout: Probability = option(0.0, "The share of the inputs set to 0 in training.")
    recurrent_dropout: Probability = option(0.0, "The share of what is remembered set to 0 in training.")
    recurrent_initializer: AnyInitializer = option(Orthogonal(), "How the recurrent kernel starts.", advanced=True)
    recurrent_regularizer: AnyRegularizer | None = option(None, "A penalty on the recurrent kernel.", advanced=True)
    recurrent_constraint: AnyConstraint | None = option(None, "A rule it is held to.", advanced=True)
    go_backwards: Flag = option(False, "Whether the sequence is read from its end.", advanced=True)
    unroll: Flag = option(
        False, "Whether the loop is unrolled: faster for short sequences, more memory.", advanced=True
    )
    seed: Seed | None = option(None, "A seed of its own for dropout; by default the config's.", advanced=True)


class SimpleRNN(_Recurrent):
    """The plainest recurrent layer: each step sees the input and the last output."""

    layer: Literal["SimpleRNN"] = "SimpleRNN"


class LSTM(_Recurrent):
    """Long short-term memory: gates decide what is kept over many steps."""

    layer: Literal["LSTM"] = "LSTM"
    recurrent_activation: Activation | None = option("sigmoid", "The function of the gates.", advanced=True)
    unit_forget_bias: Flag = option(True, "Whether the forget gate starts open.", advanced=True)
    use_cudnn: Literal["auto"] | Flag = option("auto", "Whether the GPU's own kernel is used.", advanced=True)


class GRU(_Recurrent):
    """Gated recurrent unit: like LSTM with fewer weights."""

    layer: Literal["GRU"] = "GRU"
    recurrent_activation: Activation | None = option("sigmoid", "The function of the gates.", advanced=True)
    reset_after: Flag = option(True, "Whether the reset gate comes after the multiplication.", advanced=True)
    use_cudnn: Literal["auto"] | Flag = option("auto", "Whether the GPU's own kernel is used.", advanced=True)


RECURRENT = Registry.of("recurrent layer", [SimpleRNN, LSTM, GRU], exact=True)


class Bidirectional(Layer):
    """Reads the sequence from both ends with two copies of a recurrent layer."""

    input_rank: ClassVar[int | None] = 3
    key: ClassVar[str] = "layer"
    layer: Literal["Bidirectional"] = "Bidirectional"
    wrapped: Annotated[_Recurrent, RECURRENT] = option(..., "The recurrent layer that is copied.")
    merge_mode: Literal["sum", "mul", "concat", "ave"] = option("concat", "How the two outputs become one.")
