"""How many steps to run in one execution: enough to save time, few enough to react to a stop request."""

import math
from typing import Any

__all__ = ["choose_steps_per_execution", "seconds_per_step"]

# Estimated seconds that one execution may last; progress and stop requests are handled only in between.
_LONGEST = 0.2

# More steps at once save nothing measurable.
_MOST = 50

# Multiplications and additions a second on one thread of a slow machine.
_FLOPS = 4e9

# Bytes of memory read or written a second, on the same machine.
_BYTES = 3e9

_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})

# Seconds that a step, a layer and one time step of a recurrent layer cost besides their arithmetic.
_PER_STEP, _PER_LAYER, _PER_TURN = 3e-4, 5e-5, 4e-4


def choose_steps_per_execution(model: Any, *, batch_size: int, steps: int, threads: int) -> int:
    """Return the steps for one execution of a built model; the choice changes no bit of the result."""
    by_time = _LONGEST / seconds_per_step(model, batch_size=batch_size, threads=threads)
    return max(1, min(int(by_time), _MOST, steps))


def seconds_per_step(model: Any, *, batch_size: int, threads: int) -> float:
    """Return a pessimistic estimate of the duration of one training step."""
    # A multiplication and an addition each; the backward pass takes twice as many as the forward pass.
    arithmetic = sum(_multiplications(layer) for layer in model.layers) * batch_size * 6 / (_FLOPS * threads)
    updates = model.count_params() * 40 / _BYTES
    turns = sum(_input_shape(layer)[1] or 0 for layer in model.layers if _is_recurrent(layer)) * _PER_TURN
    # Each sample is read and written once to make the batch, and read again by the first layer.
    gathering = 3 * 4 * math.prod(model.input_shape[1:]) * batch_size / _BYTES
    return float(_PER_STEP + _PER_LAYER * len(model.layers) + arithmetic + updates + turns + gathering)


def _multiplications(layer: Any) -> int:
    """Return the multiplications for a sample in the forward pass: each weight is used at every output position."""
    if type(layer).__name__ == "Embedding":
        # An Embedding only looks up rows.
        return 0
    if type(layer).__name__.startswith("ConvLSTM"):
        positions = _input_shape(layer)[1:-1]
    else:
        positions = _input_shape(layer)[1:2] if _is_recurrent(layer) else layer.output.shape[1:-1]
    return int(layer.count_params() * math.prod(size or 1 for size in positions))


def _input_shape(layer: Any) -> tuple[int | None, ...]:
    """Return a layer's input shape; after an Embedding with a mask, the input is a list of samples and mask."""
    entry = layer.input[0] if isinstance(layer.input, list) else layer.input
    return tuple(entry.shape)


def _is_recurrent(layer: Any) -> bool:
    return type(layer).__name__ in _RECURRENT
