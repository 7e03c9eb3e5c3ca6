"""Find the most probable cause of a loss of NaN or infinity, in one sentence. Pure."""

import numpy as np

from trainer.config import Config
from trainer.data import Splits, Task
from trainer.data.prepared import AnySamples, largest_of, pieces
from trainer.engine.rules.ranges import SMALLEST_EPSILON_1
from trainer.format import counted

__all__ = ["divergence"]

# Largest plausible input; Keras's initializers assume inputs of about 1.
_LARGE_INPUT = 30.0

_LARGE_TARGET = 1000.0

# Sums of squares of larger numbers, multiplied with others, approach 3.4e38, the largest float32.
_BEYOND_FLOAT32 = 1e15

# Ratio to the optimizer's default learning rate from which a rate is suspicious.
_HIGH_RATE = 30.0

_SCALING_LAYERS = frozenset({"BatchNormalization", "Embedding", "LayerNormalization", "Normalization", "Rescaling"})
_WITH_LOGARITHM = frozenset(
    {"KLDivergence", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson", "LogCosh"}
)


def divergence(config: Config, splits: Splits, value: float, *, epoch: int, step: int) -> str:
    """Explain in a sentence why the loss is NaN or infinite within the first `step` steps of an epoch (1, 2, …)."""
    word = "NaN" if value != value else "infinite"
    where = "its first step" if step == 1 else f"its first {step:,} steps"
    return f"The loss became {word} in epoch {epoch}, within {where}: {_cause(config, splits)}"


def _cause(config: Config, splits: Splits) -> str:
    x, y = splits.train
    if not (_are_finite(x) and _are_finite(y)):
        return "the data contain NaN or infinity; remove or replace these values."
    huge = next((name for name, part in (("inputs", x), ("targets", y)) if largest_of(part) > _BEYOND_FLOAT32), None)
    if huge:
        return (
            f"the {huge} are too large (up to {largest_of(x if huge == 'inputs' else y):.2g}), so their squares "
            "overflow float32; scale them down in the file."
        )
    if config.optimizer.arguments().get("epsilon_1", 1.0) < SMALLEST_EPSILON_1:
        return _zero_by_zero(x)
    rate = config.optimizer.learning_rate
    usual = type(config.optimizer).model_fields["learning_rate"].default
    if isinstance(rate, int | float) and isinstance(usual, int | float) and rate >= usual * _HIGH_RATE:
        return (
            f"the learning rate {rate:g} is probably too high ({usual:g} is typical for {config.optimizer.kind}); "
            "try a tenth of it or less."
        )
    largest = largest_of(x)
    if largest > _LARGE_INPUT and config.layers[0].kind not in _SCALING_LAYERS:
        return (
            f"the inputs are probably not scaled (they reach {largest:g}); set the dataset's scale, or start with a "
            "Rescaling or BatchNormalization layer."
        )
    largest = largest_of(y)
    if splits.schema.task is Task.REGRESSION and largest > _LARGE_TARGET and config.layers[-1].kind != "Rescaling":
        return (
            f"the targets are probably too large (they reach {largest:.3g}), which makes every update too "
            "large; scale them down, or end with the Rescaling layer that `fitboard check` suggests."
        )
    if config.loss.kind in _WITH_LOGARITHM:
        return (
            f"{config.loss.kind} computes a logarithm or a quotient, probably of a value that is not positive; use an "
            "output activation with positive values (softplus, sigmoid or softmax), or another loss."
        )
    return "the learning rate is probably too high for this network; try a tenth of it, or set clipnorm."


def _are_finite(numbers: AnySamples) -> bool:
    return all(np.isfinite(piece).all() for piece in pieces(numbers))


def _zero_by_zero(x: AnySamples) -> str:
    used = np.any([piece.reshape(len(piece), -1).any(axis=0) for piece in pieces(x)], axis=0)
    silent = int(np.count_nonzero(~used))
    found = f" ({counted(silent, 'input')} {'is' if silent == 1 else 'are'} 0 in every sample)" if silent else ""
    return (
        f"Adafactor probably computed 0 / 0 for an input and a unit that are both always 0{found}, because the square "
        "of epsilon_1 underflows in float32; set epsilon_1 to 1e-12."
    )
