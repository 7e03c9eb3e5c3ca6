"""Initializers of the weights (`keras.initializers`). Their seeds are derived from the config's seed."""

from typing import Annotated, Literal

from trainer.config.component import Component, Registry, option
from trainer.config.values import Flag, Number, Positive

__all__ = [
    "INITIALIZERS",
    "STFT",
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
    """Base class of the initializers."""


class Constant(Initializer):
    """Sets every weight to one value."""

    name: Literal["Constant"] = "Constant"
    value: Number = option(0.0, "Value of every weight.")


class GlorotNormal(Initializer):
    """Truncated normal distribution with standard deviation √(2 / (fan_in + fan_out))."""

    name: Literal["GlorotNormal"] = "GlorotNormal"


class GlorotUniform(Initializer):
    """Uniform distribution within ±√(6 / (fan_in + fan_out)); Keras's default."""

    name: Literal["GlorotUniform"] = "GlorotUniform"


class HeNormal(Initializer):
    """Truncated normal distribution with standard deviation √(2 / fan_in); suited to relu."""

    name: Literal["HeNormal"] = "HeNormal"


class HeUniform(Initializer):
    """Uniform distribution within ±√(6 / fan_in); suited to relu."""

    name: Literal["HeUniform"] = "HeUniform"


class Identity(Initializer):
    """Identity matrix; only for two-dimensional kernels."""

    name: Literal["Identity"] = "Identity"
    gain: Number = option(1.0, "Factor that the identity matrix is multiplied by.")


class LecunNormal(Initializer):
    """Truncated normal distribution with standard deviation √(1 / fan_in); suited to selu."""

    name: Literal["LecunNormal"] = "LecunNormal"


class LecunUniform(Initializer):
    """Uniform distribution within ±√(3 / fan_in)."""

    name: Literal["LecunUniform"] = "LecunUniform"


class Ones(Initializer):
    """Sets every weight to 1."""

    name: Literal["Ones"] = "Ones"


class Orthogonal(Initializer):
    """Random orthogonal matrix; Keras's default for recurrent kernels."""

    name: Literal["Orthogonal"] = "Orthogonal"
    gain: Number = option(1.0, "Factor that the matrix is multiplied by.")


class RandomNormal(Initializer):
    """Normal distribution."""

    name: Literal["RandomNormal"] = "RandomNormal"
    mean: Number = option(0.0, "Mean of the normal distribution.")
    stddev: Positive = option(0.05, "Standard deviation of the normal distribution.")


class RandomUniform(Initializer):
    """Uniform distribution between two bounds."""

    name: Literal["RandomUniform"] = "RandomUniform"
    minval: Number = option(-0.05, "Lower bound of the values.")
    maxval: Number = option(0.05, "Upper bound of the values.")


class STFT(Initializer):
    """Fixed kernel of a short-time Fourier transform, for Conv1D on one channel of audio."""

    name: Literal["STFT"] = "STFT"
    side: Literal["real", "imag"] = option("real", "Whether to compute the real or the imaginary part.")
    window: Literal["hann", "hamming"] | None = option("hann", "Window function; null for none.")
    scaling: Literal["density", "spectrum"] | None = option("density", "Scaling of the window; null for none.")
    periodic: Flag = option(False, "Whether the window is periodic.")


class TruncatedNormal(Initializer):
    """Normal distribution; values beyond two standard deviations are redrawn."""

    name: Literal["TruncatedNormal"] = "TruncatedNormal"
    mean: Number = option(0.0, "Mean of the normal distribution.")
    stddev: Positive = option(0.05, "Standard deviation of the normal distribution.")


class VarianceScaling(Initializer):
    """Distribution whose variance is scale / n, where n depends on the shape of the weights."""

    name: Literal["VarianceScaling"] = "VarianceScaling"
    scale: Positive = option(1.0, "Factor that the variance is multiplied by.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = option(
        "fan_in", "Meaning of n: the number of inputs, of outputs, or their average."
    )
    distribution: Literal["normal", "truncated_normal", "untruncated_normal", "uniform"] = option(
        "truncated_normal", "Distribution of the values."
    )


class Zeros(Initializer):
    """Sets every weight to 0."""

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
        STFT,
        TruncatedNormal,
        VarianceScaling,
        Zeros,
    ],
    aliases={"normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros"},
)

AnyInitializer = Annotated[Initializer, INITIALIZERS]
