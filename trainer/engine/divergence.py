"""Why a loss is no number any more: the likeliest cause in one sentence. Pure."""

import numpy as np

from trainer.config import Config
from trainer.data import Splits

__all__ = ["divergence"]

_LARGE_INPUT = 30.0
"""Inputs beyond this are far from the few units that Keras's initial weights are made for."""

_HIGH_RATE = 30.0
"""So many times an optimizer's default learning rate is suspicious."""

_SCALING_LAYERS = frozenset({"BatchNormalization", "Embedding", "LayerNormalization", "Normalization", "Rescaling"})
_WITH_LOGARITHM = frozenset(
    {"KLDivergence", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson", "LogCosh"}
)


def divergence(config: Config, splits: Splits, value: float, *, epoch: int, step: int) -> str:
    """A sentence for a loss of NaN or infinity in an epoch (1, 2, …) after so many steps of it."""
    word = "NaN (not a number)" if value != value else "infinite"
    return f"The loss became {word} in epoch {epoch}, within its first {step} steps: {_cause(config, splits)}"


def _cause(config: Config, splits: Splits) -> str:
    x, y = splits.train
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return "the data themselves hold values that are no numbers; clean them or fill them in."
    rate = config.optimizer.learning_rate
    usual = type(config.optimizer).model_fields["learning_rate"].default
    if isinstance(rate, int | float) and isinstance(usual, int | float) and rate >= usual * _HIGH_RATE:
        return (
            f"the learning rate {rate:g} is most likely too high ({config.optimizer.kind} usually takes {usual:g}); "
            "try a tenth of it or less."
        )
    largest = float(np.abs(x).max(initial=0))
    if largest > _LARGE_INPUT and config.layers[0].kind not in _SCALING_LAYERS:
        return (
            f"the input is most likely not scaled (it reaches {largest:g}); set the data set's scale, or begin with a "
            "Rescaling or BatchNormalization layer."
        )
    if config.loss.kind in _WITH_LOGARITHM:
        return (
            f"{config.loss.kind} takes a logarithm or divides, most likely of zero or less here; let the last layer "
            "give positive values (activation softplus, sigmoid or softmax), or take another loss."
        )
    return "the learning rate is most likely too high for this network; try a tenth of it, or set clipnorm."
