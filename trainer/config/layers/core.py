"""Core layers: Dense, Dropout, Embedding, reshaping (`keras.layers`)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, GlorotUniform, RandomUniform, Zeros
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation as ActivationName
from trainer.config.values import Flag, Integer, Number, Probability, Seed, Size, Text

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "Identity",
    "Masking",
    "Rescaling",
    "Reshape",
]

_Length = Annotated[Integer, Field(ge=-1)]


def _one_size(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 and value[0] is not None else value


class Flatten(Layer):
    """Flattens each sample into a vector. It has no weights."""

    layer: Literal["Flatten"] = "Flatten"


class Dense(KernelLayer):
    """Densely connected layer: activation(x · kernel + bias). The last one usually makes the prediction."""

    layer: Literal["Dense"] = "Dense"
    units: Size = option(..., "Number of units, that is, the size of the output.")
    activation: ActivationName | None = option(None, "Activation function; null for a linear output.")


class Dropout(Layer):
    """Randomly sets inputs to 0 during training to reduce overfitting. Inactive during evaluation."""

    layer: Literal["Dropout"] = "Dropout"
    rate: Probability = option(..., "Fraction of the input units to drop, between 0 and 1; 0.2 to 0.5 is common.")
    noise_shape: tuple[Size | None, ...] | None = option(
        None, "Shape of the dropout mask, batch included; an axis of length 1 shares the mask along it.", advanced=True
    )
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class Activation(Layer):
    """Applies an activation function to the output of the previous layer."""

    layer: Literal["Activation"] = "Activation"
    activation: ActivationName = option(..., "Activation function.")


class Reshape(Layer):
    """Reshapes each sample; the number of elements stays the same."""

    layer: Literal["Reshape"] = "Reshape"
    target_shape: tuple[_Length, ...] = option(
        ..., "New shape without the batch dimension; one entry may be −1 and is inferred."
    )


class Identity(Layer):
    """Passes its inputs on unchanged."""

    layer: Literal["Identity"] = "Identity"


class Masking(Layer):
    """Marks the steps whose features all equal one value, so that later recurrent layers skip them."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["Masking"] = "Masking"
    mask_value: Number = option(0.0, "Value that marks a step to skip.")


class EinsumDense(Layer):
    """Densely connected layer whose product is an einsum equation, over any dimensions."""

    layer: Literal["EinsumDense"] = "EinsumDense"
    equation: Text = option(..., "Einsum equation of the inputs and the kernel, such as `abc,cd->abd`.")
    output_shape: Annotated[Size | tuple[Size | None, ...], BeforeValidator(_one_size)] = option(
        ..., "Shape of the output without the batch; `none` for a length that the inputs determine."
    )
    activation: ActivationName | None = option(None, "Activation function; null for a linear output.")
    bias_axes: Text | None = option(
        None, "Output dimensions that get a bias, such as `d`; by default there is no bias."
    )
    kernel_initializer: AnyInitializer = option(GlorotUniform(), "Initializer of the kernel.", advanced=True)
    bias_initializer: AnyInitializer = option(Zeros(), "Initializer of the bias vector.", advanced=True)
    kernel_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the kernel.", advanced=True)
    bias_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the bias vector.", advanced=True)
    kernel_constraint: AnyConstraint | None = option(None, "Constraint applied to the kernel.", advanced=True)
    bias_constraint: AnyConstraint | None = option(None, "Constraint applied to the bias vector.", advanced=True)


class Rescaling(Layer):
    """Rescales the inputs to x · scale + offset, for example with scale 1/255 for images."""

    layer: Literal["Rescaling"] = "Rescaling"
    scale: Number = option(..., "Factor that the inputs are multiplied by.")
    offset: Number = option(0.0, "Offset added after scaling.")


class GaussianNoise(Layer):
    """Adds Gaussian noise during training to reduce overfitting. Inactive during evaluation."""

    layer: Literal["GaussianNoise"] = "GaussianNoise"
    stddev: Annotated[Number, Field(ge=0)] = option(..., "Standard deviation of the noise.")
    seed: Seed | None = option(
        None, "Seed of the layer; by default it is derived from the config's seed.", advanced=True
    )


class Embedding(Layer):
    """Maps each integer, such as a word id, to a learned vector."""

    layer: Literal["Embedding"] = "Embedding"
    input_dim: Size = option(..., "Size of the vocabulary: the largest integer plus 1.")
    output_dim: Size = option(..., "Length of the vectors.")
    embeddings_initializer: AnyInitializer = option(
        RandomUniform(), "Initializer of the embedding matrix.", advanced=True
    )
    embeddings_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the embedding matrix.", advanced=True
    )
    embeddings_constraint: AnyConstraint | None = option(
        None, "Constraint applied to the embedding matrix.", advanced=True
    )
    mask_zero: Flag = option(False, "Whether 0 is a padding value that later recurrent layers skip.")
