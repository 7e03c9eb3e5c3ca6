"""Turn the chain of a Keras model into the layers of a config, with Fitboard's blocks where it has branches."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from trainer.config import Layer
from trainer.config.layers.composite import (
    Parallel,
    PositionalEmbedding,
    Residual,
    SelfAttention,
    Stack,
    TransformerBlock,
)
from trainer.config.layers.core import Dense, Embedding, Identity
from trainer.config.layers.normalization import LayerNormalization
from trainer.config.validation_messages import sentence
from trainer.errors import ConfigError
from trainer.reproduce.keras_graph import Branches, Call, Chain
from trainer.reproduce.keras_layers import attention_of, layer_of

__all__ = ["Made", "Nested", "layers_of"]

_MERGES = frozenset({"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"})
_ALL = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}
# What Keras writes of `cumsum(ones_like(x[:, :, 0], dtype="int32"), axis=1) - 1`, the positions of a sequence: the
# operations, their settings, and the arguments of their calls.
_POSITIONS: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = (
    ("GetItem", {}, {"argument 2": [_ALL, _ALL, 0]}),
    ("OnesLike", {"dtype": "int32"}, {}),
    ("Cumsum", {"axis": 1, "dtype": None}, {}),
    ("Subtract", {}, {"argument 2": 1}),
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A layer of a config and the dtype policies of the layers of Keras that it stands for."""

    layer: Layer
    policies: frozenset[str]


Nested = Callable[[Call], Sequence[Made]]
"""Returns the layers of a model within the model."""


def layers_of(chain: Chain, nested: Nested) -> list[Made]:
    """Return the layers of a chain.

    Raises:
        ConfigError: a config cannot hold one; the message names it.
    """
    made: list[Made] = []
    for link in chain:
        if isinstance(link, Branches):
            made.append(_joined(link, nested))
        elif (inner := _of_call(link, nested)) is not None:
            made += inner
    return _folded(made)


def _of_call(call: Call, nested: Nested) -> Sequence[Made]:
    if call.kind == "MultiHeadAttention":
        return [_made(attention_of(call.document, call.where, call.settings), [_policy(call)])]
    if call.settings:
        name, value = next(iter(call.settings.items()))
        raise ConfigError(f"{call.named} is called with {name}={value!r:.60}, which configs cannot say.")
    if call.kind in {"Functional", "Sequential", "Model"}:
        return nested(call)
    if len(call.inputs) > 1 and call.kind in _MERGES:
        return [_joined(Branches(join=call, branches=((),) * len(call.inputs)), nested)]
    if len(call.inputs) > 1:
        raise _no_merge(call)
    return [_made(layer_of(call.document, call.where), [] if call.is_operation else [_policy(call)])]


def _joined(link: Branches, nested: Nested) -> Made:
    join = link.join
    if join.kind not in _MERGES or join.settings or not _is_of_channels(join):
        raise _no_merge(join)
    positions = _positions(link)
    if positions is not None:
        return positions
    branches = [layers_of(branch, nested) for branch in link.branches]
    policies = [_policy(join), *(policy for branch in branches for made in branch for policy in made.policies)]
    full = [branch for branch in branches if branch]
    try:
        if join.kind == "Add" and len(branches) == 2 and len(full) == 1:
            return _made(Residual(layers=tuple(made.layer for made in full[0])), policies)
        layers = tuple(_branch([made.layer for made in branch]) for branch in branches)
        return _made(Parallel.model_validate({"layers": layers, "merge": join.kind.lower()}), policies)
    except ValidationError as error:
        raise ConfigError(f"The branches that {join.named} joins do not fit a config: {sentence(error)}") from error


def _branch(layers: Sequence[Layer]) -> Layer:
    if not layers:
        return Identity()
    return layers[0] if len(layers) == 1 else Stack(layers=tuple(layers))


def _no_merge(call: Call) -> ConfigError:
    axis = "" if call.kind != "Concatenate" or _is_of_channels(call) else f" along axis {call.config.get('axis')}"
    return ConfigError(
        f"{call.named} takes {len(call.inputs)} inputs{axis}, which configs cannot say; branches are joined by "
        "Concatenate along the last axis, Add, Average, Maximum, Minimum or Multiply."
    )


def _is_of_channels(join: Call) -> bool:
    """Return whether a Concatenate joins along the last axis."""
    return join.kind != "Concatenate" or join.config.get("axis", -1) in {
        -1,
        None if join.rank is None else join.rank - 1,
    }


def _positions(link: Branches) -> Made | None:
    """Return the PositionalEmbedding that adds the embedded positions to its input, or None."""
    if link.join.kind != "Add" or len(link.branches) != 2 or link.branches[0]:
        return None
    *positions, last = link.branches[1]
    if not isinstance(last, Call) or last.kind != "Embedding" or not _count_from_zero(positions):
        return None
    embedding = layer_of(last.document, last.where)
    if not isinstance(embedding, Embedding):
        return None
    block = PositionalEmbedding(
        sequence_length=embedding.input_dim, initializer=embedding.embeddings_initializer, freeze=embedding.freeze
    )
    if block.embedding(embedding.output_dim) != embedding:
        return None
    return _made(block, [_policy(last), _policy(link.join)])


def _count_from_zero(positions: Sequence[Call | Branches]) -> bool:
    found = [
        (call.kind, {name: value for name, value in call.config.items() if name != "name"}, call.settings)
        for call in positions
        if isinstance(call, Call) and call.is_operation
    ]
    return len(found) == len(positions) and found == list(_POSITIONS)


def _folded(made: list[Made]) -> list[Made]:
    """Replace the parts of a TransformerBlock by the block."""
    found: list[Made] = []
    place = 0
    while place < len(made):
        for length in (4, 2):
            window = made[place : place + length]
            block = _transformer_block([each.layer for each in window]) if len(window) == length else None
            if block is not None:
                found.append(_made(block, [policy for each in window for policy in each.policies]))
                place += length
                break
        else:
            found.append(made[place])
            place += 1
    return found


def _transformer_block(parts: Sequence[Layer]) -> TransformerBlock | None:
    first, second = parts[0], parts[len(parts) // 2]
    if not isinstance(first, Residual) or not isinstance(second, Residual):
        return None
    norms = [layer for layer in (*first.layers, *parts) if isinstance(layer, LayerNormalization)]
    attentions = [layer for layer in first.layers if isinstance(layer, SelfAttention)]
    dense = [layer for layer in second.layers if isinstance(layer, Dense)]
    if not norms or len(attentions) != 1 or len(dense) != 2:
        return None
    attention = attentions[0]
    block = TransformerBlock(
        intermediate_dim=dense[0].units,
        num_heads=attention.num_heads,
        dropout=attention.dropout,
        activation=dense[0].activation,
        normalize_first=len(parts) == 2,
        use_causal_mask=attention.use_causal_mask,
        layer_norm_epsilon=norms[0].epsilon,
        kernel_initializer=dense[0].kernel_initializer,
        bias_initializer=dense[0].bias_initializer,
        freeze=attention.freeze,
    )
    expected = block.parts(dense[1].units)
    return block if (_frozen(expected) if block.freeze else expected) == tuple(parts) else None


def _frozen(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Return the layers frozen, those inside Residual instead of it, since the sum has nothing to freeze."""
    return tuple(
        layer.model_copy(update={"layers": _frozen(layer.layers)})
        if isinstance(layer, Residual)
        else layer.model_copy(update={"freeze": True})
        for layer in layers
    )


def _made(layer: Layer, policies: Iterable[str]) -> Made:
    return Made(layer=layer, policies=frozenset(policies))


def _policy(call: Call) -> str:
    dtype = call.config.get("dtype")
    inner = dtype.get("config") if isinstance(dtype, Mapping) else None
    return str(inner.get("name") if isinstance(inner, Mapping) else dtype or "float32")
