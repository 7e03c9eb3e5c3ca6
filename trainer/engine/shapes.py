"""Compute the output shape of a layer without allocating anything."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from trainer.config.layers import Layer
from trainer.engine.backend import keras
from trainer.engine.build import Names, build_layer
from trainer.engine.failures import BUILD_ERRORS, reason

__all__ = ["Built", "Shape", "build_alone"]

Shape = tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Built:
    """A layer on one input. `output_shape` includes the batch dimension, None; `failure` tells why there is none."""

    output_shape: Shape | None
    dtype: str = "float32"
    parameters: int = 0
    trainable: int = 0
    failure: str | None = None


@lru_cache(maxsize=4096)
def build_alone(layer: Layer, shape: Shape, dtype: str) -> Built:
    """Build one layer for an input of `shape`, batch dimension (None) included.

    Results are cached, since a person changes one layer at a time.
    """
    with _nothing_allocated():
        try:
            made = build_layer(layer, Names())
            output = made(keras.KerasTensor(shape, dtype=dtype))
        except BUILD_ERRORS as error:
            return Built(output_shape=None, failure=reason(error))
        return Built(
            output_shape=tuple(output.shape),
            dtype=str(output.dtype),
            parameters=_count(made.weights),
            trainable=_count(made.trainable_weights),
        )


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
