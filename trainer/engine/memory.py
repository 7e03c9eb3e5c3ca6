"""Estimate the memory of a training by arithmetic. All sizes are in bytes."""

import math
from collections.abc import Sequence

from trainer.config import Config, Layer, Optimizer
from trainer.data import Schema
from trainer.data.npz_file import held_limit
from trainer.engine.pipeline import PREDICTED_AT_ONCE
from trainer.engine.shapes import Built, Shape
from trainer.engine.streamed import LARGEST_BLOCK

__all__ = ["estimate_memory"]

_FLOAT = 4
# Bytes per sample of its label and its place in the split.
_LABELLED = 100
# Blocks of a stream in memory at a time: raw, in order, prepared and as tensors, of one execution and of the next, and
# as much again that the allocator keeps. A test trains within this limit.
_BLOCKS = 14

# Values that an optimizer stores per weight; all others store two.
_STATES = {"SGD": 0, "Adafactor": 1, "Adagrad": 1, "Lion": 1, "Muon": 2, "RMSprop": 1}

# Values that a recurrent layer stores per unit and time step for backpropagation.
_GATES = {"SimpleRNN": 1, "GRU": 5, "LSTM": 7}


def estimate_memory(config: Config, schema: Schema, layers: Sequence[tuple[Layer, Shape, Built]]) -> int:
    """Estimate weights, gradients, optimizer state, one batch's activations and their gradients, and the data.

    `layers` are the layers that could be built, each with its input shape.
    """
    weights = sum(built.parameters for _, _, built in layers)
    trainable = sum(built.trainable for _, _, built in layers)
    batch = min(config.batch_size, schema.samples)
    activations = 2 * batch * sum(_activations(*layer) for layer in layers)
    numbers = weights + trainable * (1 + _states(config.optimizer)) + activations
    return _FLOAT * numbers + _data(schema, batch) + _LABELLED * schema.samples


def _data(schema: Schema, batch: int) -> int:
    """Return the bytes of the samples: raw and prepared, or what is in memory of those that are streamed."""
    sample = _FLOAT * math.prod(schema.input_shape)
    prepared = sample * schema.samples
    if prepared <= held_limit() and schema.raw_bytes != 0:
        return schema.working_bytes + 2 * prepared
    raw = prepared if schema.raw_bytes is None else schema.raw_bytes
    streamed = raw + _BLOCKS * max(LARGEST_BLOCK, max(batch, PREDICTED_AT_ONCE) * sample)
    return schema.working_bytes + min(2 * prepared, streamed)


def _activations(layer: Layer, came: Shape, built: Built) -> int:
    inner = getattr(layer, "wrapped", layer)
    turns = (came[1] or 1) * _GATES.get(inner.kind, 0) * getattr(inner, "units", 0) if len(came) == 3 else 0
    if inner.kind.startswith("ConvLSTM"):
        # Convolutions keep at most the size of each step.
        turns = _GATES["LSTM"] * math.prod(size or 1 for size in came[1:-1]) * inner.arguments()["filters"]
    return built.hidden + _numbers(built.output_shape or ()) + turns * (2 if inner is not layer else 1)


def _numbers(shape: Shape) -> int:
    return math.prod(size or 1 for size in shape[1:])


def _states(optimizer: Optimizer) -> int:
    given = optimizer.arguments()
    extras = ("use_ema", "amsgrad", "centered", "gradient_accumulation_steps")
    momentum = optimizer.kind in {"SGD", "RMSprop"} and bool(given["momentum"])
    return _STATES.get(optimizer.kind, 2) + momentum + sum(bool(given.get(name)) for name in extras)
