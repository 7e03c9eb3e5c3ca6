"""Layers without an order in space or time: Dense, Dropout, shapes (`keras.layers`)."""

from typing import Annotated, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.initializers import AnyInitializer, RandomUniform
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Activation as ActivationName
from trainer.config.values import Flag, Integer, Number, Probability, Seed, Size

__all__ = ["Activation", "Dense", "Dropout", "Embedding", "Flatten", "GaussianNoise", "Rescaling", "Reshape"]

_Length = Annotated[Integer, Field(ge=-1)]


class Flatten(Layer):
    """Lays each sample out as one row of numbers. It has nothing to learn."""

    layer: Literal["Flatten"] = "Flatten"


class Dense(KernelLayer):
    """Connects every input to every unit: activation(x · kernel + bias). The last Dense gives the answer."""

    layer: Literal["Dense"] = "Dense"
    units: Size = option(..., "How many numbers the layer puts out, each its own weighted sum.")
    activation: ActivationName | None = option(None, "The function put on each sum; none leaves it as it is.")


class Dropout(Layer):
    """Sets a random part of the inputs to 0 in training, against overfitting. Off in evaluation."""

    layer: Literal["Dropout"] = "Dropout"
    rate: Probability = option(..., "The share of inputs set to 0; 0.2 to 0.5 is usual.")
    noise_shape: tuple[Size | None, ...] | None = option(
        None, "The shape of the mask where it is shared along an axis, batch included.", advanced=True
    )
    seed: Seed | None = option(None, "A seed of its own; by default the config's.", advanced=True)


class Activation(Layer):
    """Puts a function on each number, as the activation of a Dense would."""

    layer: Literal["Activation"] = "Activation"
    activation: ActivationName = option(..., "The function.")


class Reshape(Layer):
    """Gives each sample another shape with as many numbers."""

    layer: Literal["Reshape"] = "Reshape"
    target_shape: tuple[_Length, ...] = option(..., "The new shape without the batch; one −1 is worked out.")


class Rescaling(Layer):
    """Multiplies and adds: x · scale + offset, for instance 1/255 for images."""

    layer: Literal["Rescaling"] = "Rescaling"
    scale: Number = option(..., "The factor.")
    offset: Number = option(0.0, "What is added afterwards.")


class GaussianNoise(Layer):
    """Adds normal noise in training, against overfitting. Off in evaluation."""

    layer: Literal["GaussianNoise"] = "GaussianNoise"
    stddev: Annotated[Number, Field(ge=0)] = option(..., "The noise's standard deviation.")
    seed: Seed | None = option(None, "A seed of its own; by default the config's.", advanced=True)


class Embedding(Layer):
    """Turns each integer (a word's number) into a vector that is learned."""

    layer: Literal["Embedding"] = "Embedding"
    input_dim: Size = option(..., "How many different integers there are: the largest plus 1.")
    output_dim: Size = option(..., "The vectors' length.")
    embeddings_initializer: AnyInitializer = option(RandomUniform(), "How the vectors start.", advanced=True)
    embeddings_regularizer: AnyRegularizer | None = option(None, "A penalty on the vectors.", advanced=True)
    embeddings_constraint: AnyConstraint | None = option(None, "A rule the vectors are held to.", advanced=True)
    mask_zero: Flag = option(False, "Whether 0 is padding that later recurrent layers pass over.")
