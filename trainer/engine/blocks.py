"""Build Fitboard's own blocks of plain Keras layers, in Keras's functional API."""

from collections.abc import Callable, Mapping
from typing import Any

from trainer.config.layers import Composite, Layer
from trainer.config.layers.application import Application
from trainer.config.layers.composite import (
    Parallel,
    PositionalEmbedding,
    Residual,
    SelfAttention,
    Stack,
    TransformerBlock,
)
from trainer.engine.applications import application
from trainer.engine.backend import keras

__all__ = ["Build", "connect", "frozen"]

Build = Callable[[Layer], Any]
"""Returns the Keras layer of a layer that is not composite, named and not built yet."""

_MERGES: Mapping[str, str] = {
    "add": "Add",
    "average": "Average",
    "concatenate": "Concatenate",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "multiply": "Multiply",
}


def connect(layer: Layer, x: Any, build: Build, named: Callable[[str], str]) -> Any:
    """Return the output of a layer on the symbolic tensor `x`.

    The layers are created in the order in which the exported script creates them, since each may draw a seed.

    Args:
        layer: the layer, composite or not.
        x: a KerasTensor.
        build: builds the layers that are not composite.
        named: returns the next name of a layer of Keras of that kind.
    """
    if not isinstance(layer, Composite):
        return build(layer)(x)
    if isinstance(layer, Stack):
        return _chain(frozen(layer, layer.layers), x, build, named)
    if isinstance(layer, Residual):
        y = _chain(frozen(layer, layer.layers), x, build, named)
        return keras.layers.Add(name=named("Add"))([x, y])
    if isinstance(layer, Parallel):
        branches = [connect(branch, x, build, named) for branch in frozen(layer, layer.layers)]
        kind = _MERGES[layer.merge]
        # Keras merges two tensors or more.
        return getattr(keras.layers, kind)(name=named(kind))(branches) if len(branches) > 1 else branches[0]
    if isinstance(layer, TransformerBlock):
        return _chain(frozen(layer, layer.parts(x.shape[-1])), x, build, named)
    if isinstance(layer, SelfAttention):
        # Keras 3.15 does not pass `trainable=False` on to the layers that attention makes when it is built.
        attention = build(layer.model_copy(update={"freeze": False}))
        output = attention(x, x, use_causal_mask=layer.use_causal_mask)
        if layer.freeze:
            attention.trainable = False
        return output
    if isinstance(layer, Application):
        return application(layer, tuple(x.shape[1:]), named)(x)
    if isinstance(layer, PositionalEmbedding):
        return _with_positions(layer, x, build, named)
    raise TypeError(f"{layer.kind} is composite, but not known here.")


def frozen(layer: Layer, inner: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers of a composite one, all frozen if it is."""
    return tuple(each.model_copy(update={"freeze": True}) for each in inner) if layer.freeze else inner


def _chain(layers: tuple[Layer, ...], x: Any, build: Build, named: Callable[[str], str]) -> Any:
    for layer in layers:
        x = connect(layer, x, build, named)
    return x


def _with_positions(layer: PositionalEmbedding, x: Any, build: Build, named: Callable[[str], str]) -> Any:
    embedding = build(layer.embedding(x.shape[-1]))
    # The positions depend on the input, so that Keras keeps the embedding as a part of the model.
    ones = keras.ops.ones_like(x[:, :, 0], dtype="int32")
    return keras.layers.Add(name=named("Add"))([x, embedding(keras.ops.cumsum(ones, axis=1) - 1)])
