"""How many steps to run in one execution: enough to save time, few enough to be heard."""

import math
from typing import Any

__all__ = ["choose_steps_per_execution", "seconds_per_step"]

_LONGEST = 0.2
"""Seconds that one execution may last by the estimate; progress and Stop are heard only in between."""

_MOST = 50
"""More steps at once save nothing measurable."""

_LARGEST_BLOCK = 8 * 2**20
"""Bytes of samples for one execution, so that they stay in the processor's cache."""

_FLOPS = 4e9
"""Multiplications and additions a second on one thread of a slow machine."""

_BYTES = 3e9
"""Bytes of memory a second, likewise."""

_PER_STEP, _PER_LAYER, _PER_TURN = 3e-4, 5e-5, 4e-4
"""Seconds that a step, a layer and one turn of a recurrent layer cost beside their arithmetic."""


def choose_steps_per_execution(model: Any, *, batch_size: int, steps: int, threads: int) -> int:
    """The steps for one execution of a built model; changes no bit of the result."""
    by_time = _LONGEST / seconds_per_step(model, batch_size=batch_size, threads=threads)
    sample_bytes = 4 * math.prod(model.input_shape[1:])
    by_memory = _LARGEST_BLOCK / (sample_bytes * batch_size)
    return max(1, min(int(by_time), int(by_memory), _MOST, steps))


def seconds_per_step(model: Any, *, batch_size: int, threads: int) -> float:
    """A careful estimate of what one training step takes."""
    arithmetic = sum(_multiplications(layer) for layer in model.layers) * batch_size * 6 / (_FLOPS * threads)
    updates = model.count_params() * 40 / _BYTES
    turns = sum(_input_shape(layer)[1] or 0 for layer in model.layers if _is_recurrent(layer)) * _PER_TURN
    return float(_PER_STEP + _PER_LAYER * len(model.layers) + arithmetic + updates + turns)


def _multiplications(layer: Any) -> int:
    """For one sample on the way forward: each weight is used at every position of the output."""
    if type(layer).__name__ == "Embedding":
        return 0
    shape = _input_shape(layer) if _is_recurrent(layer) else layer.output.shape
    positions = shape[1:2] if _is_recurrent(layer) else shape[1:-1]
    return int(layer.count_params() * math.prod(size or 1 for size in positions))


def _input_shape(layer: Any) -> tuple[int | None, ...]:
    """Of the samples: behind an Embedding with a mask the layer's input is a list, of the samples and the mask."""
    entry = layer.input[0] if isinstance(layer.input, list) else layer.input
    return tuple(entry.shape)


def _is_recurrent(layer: Any) -> bool:
    return type(layer).__name__ in {"SimpleRNN", "LSTM", "GRU", "Bidirectional"}
