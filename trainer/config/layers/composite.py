"""Layers of Fitboard that stand for several of Keras, and the list of all layers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field

from trainer.config.component import Later, Registry, option
from trainer.config.initializers import AnyInitializer, GlorotUniform, Zeros
from trainer.config.layers.application import Application
from trainer.config.layers.base import Composite, KernelLayer, Layer
from trainer.config.layers.core import Dense, Dropout, Embedding
from trainer.config.layers.normalization import LayerNormalization
from trainer.config.layers.plain import PLAIN_GROUPS
from trainer.config.layers.wrappers import SpectralNormalization, TimeDistributed
from trainer.config.values import Activation, Flag, Positive, Probability, Seed, Size

__all__ = [
    "LAYERS",
    "LAYER_GROUPS",
    "Parallel",
    "PositionalEmbedding",
    "Residual",
    "SelfAttention",
    "Stack",
    "TransformerBlock",
    "downloads_weights",
    "every_layer",
    "has_composites",
]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


_Layers = Annotated[
    tuple[Annotated[Layer, Later(lambda: LAYERS)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_as_list),
]


class Stack(Composite):
    """Several layers one after the other, for a branch of Parallel."""

    layer: Literal["Stack"] = "Stack"
    layers: _Layers = option(..., "Layers of the stack, from input to output.")


class Residual(Composite):
    """Adds the input of a stack of layers to its output, as in a ResNet; both need the same shape."""

    layer: Literal["Residual"] = "Residual"
    layers: _Layers = option(..., "Layers between the input and the sum.")


class Parallel(Composite):
    """Applies several layers to the same input and joins their outputs; a Stack is a branch of several layers."""

    layer: Literal["Parallel"] = "Parallel"
    layers: _Layers = option(..., "Branches: layers that all get the same input.")
    merge: Literal["concatenate", "add", "average", "maximum", "minimum", "multiply"] = option(
        "concatenate", "Way to join the outputs; concatenate puts their channels side by side."
    )


class SelfAttention(KernelLayer, Composite):
    """Multi-head attention of a sequence to itself (Keras's MultiHeadAttention with one input)."""

    input_rank: ClassVar[int | None] = 3
    keras_name: ClassVar[str | None] = "MultiHeadAttention"
    call_arguments: ClassVar[frozenset[str]] = frozenset({"use_causal_mask"})
    layer: Literal["SelfAttention"] = "SelfAttention"
    num_heads: Size = option(..., "Number of attention heads.")
    key_dim: Size = option(..., "Size of each head for query and key.")
    value_dim: Size | None = option(None, "Size of each head for value; by default key_dim.", advanced=True)
    dropout: Probability = option(0.0, "Fraction of the attention scores to drop, between 0 and 1.")
    use_causal_mask: Flag = option(False, "Whether each step attends only to itself and earlier steps.")
    output_shape: Size | None = option(None, "Number of output channels; by default that of the input.", advanced=True)
    use_gate: Flag = option(False, "Whether to multiply the attention by a learned gate.", advanced=True)
    seed: Seed | None = option(None, "Seed of dropout; by default it is derived from the config's seed.", advanced=True)


class TransformerBlock(Composite):
    """Self-attention and two Dense layers, each added to its input and normalized (Vaswani et al., 2017)."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["TransformerBlock"] = "TransformerBlock"
    intermediate_dim: Size = option(..., "Number of units of the first Dense layer.")
    num_heads: Size = option(..., "Number of attention heads; it divides the number of channels.")
    dropout: Probability = option(0.0, "Fraction to drop of the attention scores and of both outputs.")
    activation: Activation | None = option("relu", "Activation function of the first Dense layer.")
    normalize_first: Flag = option(False, "Whether to normalize the inputs of both parts instead of their sums.")
    use_causal_mask: Flag = option(False, "Whether each step attends only to itself and earlier steps.")
    layer_norm_epsilon: Positive = option(1e-5, "Small constant of the layer normalization.", advanced=True)
    kernel_initializer: AnyInitializer = option(GlorotUniform(), "Initializer of the kernels.", advanced=True)
    bias_initializer: AnyInitializer = option(Zeros(), "Initializer of the bias vectors.", advanced=True)

    def parts(self, channels: int) -> tuple[Layer, ...]:
        """Return the block on sequences of (steps, channels) as simpler layers."""
        shared = {"kernel_initializer": self.kernel_initializer, "bias_initializer": self.bias_initializer}
        attention = SelfAttention(
            num_heads=self.num_heads,
            key_dim=max(1, channels // self.num_heads),
            dropout=self.dropout,
            use_causal_mask=self.use_causal_mask,
            **shared,
        )
        first = Dense(units=self.intermediate_dim, activation=self.activation, **shared)
        norm = LayerNormalization(epsilon=self.layer_norm_epsilon)
        drop = (Dropout(rate=self.dropout),) if self.dropout else ()
        bodies: tuple[tuple[Layer, ...], ...] = (
            (attention, *drop),
            (first, Dense(units=channels, **shared), *drop),
        )
        if self.normalize_first:
            return tuple(Residual(layers=(norm, *body)) for body in bodies)
        return tuple(part for body in bodies for part in (Residual(layers=body), norm))


class PositionalEmbedding(Composite):
    """Adds a learned vector for each position to sequences of vectors, since attention knows no order."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["PositionalEmbedding"] = "PositionalEmbedding"
    sequence_length: Size = option(..., "Largest number of steps.")
    initializer: AnyInitializer = option(GlorotUniform(), "Initializer of the vectors.", advanced=True)

    def embedding(self, channels: int) -> Embedding:
        """Return the layer that maps positions to vectors."""
        return Embedding(
            input_dim=self.sequence_length,
            output_dim=channels,
            embeddings_initializer=self.initializer,
            freeze=self.freeze,
        )


LAYER_GROUPS: Final[Mapping[str, tuple[type[Layer], ...]]] = {
    **PLAIN_GROUPS,
    "Wrappers": (TimeDistributed, SpectralNormalization),
    "Attention": (SelfAttention,),
    "Blocks": (Residual, Parallel, Stack, TransformerBlock, PositionalEmbedding, Application),
}
"""The layers in the groups of Keras's documentation, and Fitboard's own blocks, as forms list them."""

LAYERS = Registry.of("layer", [layer for layers in LAYER_GROUPS.values() for layer in layers], exact=True)


def every_layer(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield the layers and those inside Residual, Parallel and Stack, at any depth."""
    for layer in layers:
        yield layer
        if isinstance(layer, Residual | Parallel | Stack):
            yield from every_layer(layer.layers)


def has_composites(layers: tuple[Layer, ...]) -> bool:
    """Return whether a network needs Keras's functional API."""
    return any(isinstance(layer, Composite) for layer in layers)


def downloads_weights(layers: Iterable[Layer]) -> bool:
    """Return whether a layer may have to download its initial weights."""
    return any(isinstance(layer, Application) and layer.weights is not None for layer in every_layer(layers))
