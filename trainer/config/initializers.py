"""Initializers: how weights start (`keras.initializers`). Seeds come from the config's own."""

from typing import Annotated, Literal

from trainer.config.component import Component, Registry, option
from trainer.config.values import Number, Positive

__all__ = [
    "INITIALIZERS",
    "AnyInitializer",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
]


class Initializer(Component):
    """How the weights of a layer start."""


class Constant(Initializer):
    """Every weight starts at one value."""

    name: Literal["Constant"] = "Constant"
    value: Number = option(0.0, "The value that every weight starts at.")


class GlorotNormal(Initializer):
    """Normal, with a deviation fitted to inputs and outputs: √(2 / (fan_in + fan_out))."""

    name: Literal["GlorotNormal"] = "GlorotNormal"


class GlorotUniform(Initializer):
    """Uniform within ±√(6 / (fan_in + fan_out)); Keras's usual choice."""

    name: Literal["GlorotUniform"] = "GlorotUniform"


class HeNormal(Initializer):
    """Normal, with deviation √(2 / fan_in); made for relu."""

    name: Literal["HeNormal"] = "HeNormal"


class HeUniform(Initializer):
    """Uniform within ±√(6 / fan_in); made for relu."""

    name: Literal["HeUniform"] = "HeUniform"


class Identity(Initializer):
    """The identity matrix; only for kernels of two dimensions."""

    name: Literal["Identity"] = "Identity"
    gain: Number = option(1.0, "What the identity matrix is multiplied by.")


class LecunNormal(Initializer):
    """Normal, with deviation √(1 / fan_in); made for selu."""

    name: Literal["LecunNormal"] = "LecunNormal"


class LecunUniform(Initializer):
    """Uniform within ±√(3 / fan_in)."""

    name: Literal["LecunUniform"] = "LecunUniform"


class Ones(Initializer):
    """Every weight starts at 1."""

    name: Literal["Ones"] = "Ones"


class Orthogonal(Initializer):
    """A random orthogonal matrix; Keras's choice for recurrent kernels."""

    name: Literal["Orthogonal"] = "Orthogonal"
    gain: Number = option(1.0, "What the matrix is multiplied by.")


class RandomNormal(Initializer):
    """Normal around a mean."""

    name: Literal["RandomNormal"] = "RandomNormal"
    mean: Number = option(0.0, "The mean of the normal distribution.")
    stddev: Positive = option(0.05, "Its standard deviation.")


class RandomUniform(Initializer):
    """Uniform between two values."""

    name: Literal["RandomUniform"] = "RandomUniform"
    minval: Number = option(-0.05, "The smallest value.")
    maxval: Number = option(0.05, "The largest value.")


class TruncatedNormal(Initializer):
    """Normal, drawn again where it falls beyond two deviations."""

    name: Literal["TruncatedNormal"] = "TruncatedNormal"
    mean: Number = option(0.0, "The mean of the normal distribution.")
    stddev: Positive = option(0.05, "Its standard deviation.")


class VarianceScaling(Initializer):
    """A variance of scale / n, where n is counted from the weights' shape."""

    name: Literal["VarianceScaling"] = "VarianceScaling"
    scale: Positive = option(1.0, "What the variance is multiplied by.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = option("fan_in", "What n counts: inputs, outputs, or their mean.")
    distribution: Literal["normal", "truncated_normal", "untruncated_normal", "uniform"] = option(
        "truncated_normal", "The distribution that is drawn from."
    )


class Zeros(Initializer):
    """Every weight starts at 0."""

    name: Literal["Zeros"] = "Zeros"


INITIALIZERS = Registry.of(
    "initializer",
    [
        Constant,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        Identity,
        LecunNormal,
        LecunUniform,
        Ones,
        Orthogonal,
        RandomNormal,
        RandomUniform,
        TruncatedNormal,
        VarianceScaling,
        Zeros,
    ],
    aliases={"normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros"},
)

AnyInitializer = Annotated[Initializer, INITIALIZERS]
