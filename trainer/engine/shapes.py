"""Compute the output shape of a layer without allocating anything."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trainer.config.check import Problem, Severity
from trainer.config.layers import Composite, Layer
from trainer.engine.backend import keras
from trainer.engine.build import Names, apply_layer, build_layer
from trainer.engine.failures import BUILD_ERRORS, reason

__all__ = ["Built", "Shape", "build_alone", "unbuildable"]

Shape = tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Built:
    """A layer on one input. `output_shape` includes the batch dimension, None; `failure` tells why there is none.

    `hidden` is the number of values per sample that a block computes between its input and its output.
    """

    output_shape: Shape | None
    dtype: str = "float32"
    parameters: int = 0
    trainable: int = 0
    hidden: int = 0
    failure: str | None = None


@lru_cache(maxsize=4096)
def build_alone(layer: Layer, shape: Shape, dtype: str) -> Built:
    """Build one layer for an input of `shape`, batch dimension (None) included.

    Results are cached, since a person changes one layer at a time.
    """
    with _nothing_allocated():
        try:
            made, output = _made(layer, shape, dtype)
        except BUILD_ERRORS as error:
            return Built(output_shape=None, failure=reason(error))
        return Built(
            output_shape=tuple(output.shape),
            dtype=str(output.dtype),
            parameters=_count(made.weights),
            hidden=_hidden(made) if isinstance(layer, Composite) else 0,
            trainable=_count(made.trainable_weights),
        )


def _made(layer: Layer, shape: Shape, dtype: str) -> tuple[Any, Any]:
    if isinstance(layer, Composite):
        entry = keras.Input(batch_shape=shape, dtype=dtype)
        output = apply_layer(layer, entry, Names())
        return keras.Model(entry, output), output
    made = build_layer(layer, Names())
    return made, made(keras.KerasTensor(shape, dtype=dtype))


@contextmanager
def _nothing_allocated() -> Iterator[None]:
    """Declare variables without allocating them, and clear what Keras remembers of them."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        keras.utils.clear_session(free_memory=False)


def _count(weights: list[keras.Variable]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def _hidden(model: Any) -> int:
    """Return the values per sample of every operation's output, and of the scores of attention."""
    total = 0
    for operation in model.operations:
        shape = operation.output.shape
        total += math.prod(size or 1 for size in shape[1:])
        if isinstance(operation, keras.Model):
            total += _hidden(operation)
        if isinstance(operation, keras.layers.MultiHeadAttention):
            total += operation.num_heads * (shape[1] or 1) ** 2
    return total


def unbuildable(where: str, layer: Layer, shape: Shape, why: str) -> Problem:
    """Return the error of a layer that Keras cannot build on an input of that shape."""
    sizes = " × ".join(str(size) for size in shape[1:]) or "single values"
    message = f"{layer.kind} cannot be built on an input of {sizes}: {why}"
    return Problem(severity=Severity.ERROR, where=where, message=message)
