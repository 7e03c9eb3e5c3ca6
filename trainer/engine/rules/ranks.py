"""Fixes for layers whose input has the wrong number of dimensions."""

import math
import re
from typing import Any

from trainer.config import LAYERS, Layer
from trainer.data.schema import Kind
from trainer.engine.rules.situation import RECURRENT, Fix, Shape, Situation, inserted, put, removed, written

__all__ = ["rank_fix", "returns_sequences", "sequence_path"]

# Values of the smallest image that flat inputs are reshaped to, 4 × 4.
_PICTURE = 16
_PER_AXIS = frozenset({"kernel_size", "pool_size", "output_size", "size", "strides", "dilation_rate"})
_MARGINS = frozenset({"cropping", "padding", "output_padding"})


def rank_fix(situation: Situation, index: int) -> Fix | None:
    """Return the smallest change that gives the layer the dimensions it expects, or None if there is none."""
    layer = situation.layers[index]
    shape = situation.before(index)
    if shape is None or layer.input_rank is None:
        return None
    came, wanted = len(shape), layer.input_rank
    if wanted == 2:
        return Fix("Insert a Flatten before it.", (inserted("layers", index, value={"layer": "Flatten"}),))
    if came == 2:
        return _unflattened(situation, index) or _from_row(situation, index, layer, shape)
    if (came, wanted) == (3, 4):
        return _to_images(situation, index, layer, shape)
    if (came, wanted) == (4, 3):
        return _to_sequence(index, layer, shape)
    return _sibling(index, layer, came)


def returns_sequences(layer: Layer) -> bool | None:
    """Return `return_sequences` of a recurrent layer, or of the one in a Bidirectional; None for other layers."""
    fields = layer.arguments()
    inner = fields["wrapped"].arguments() if layer.kind == "Bidirectional" else fields
    value: bool | None = inner.get("return_sequences")
    return value


def sequence_path(index: int, layer: Layer) -> tuple[str | int, ...]:
    """Return the path of the layer's `return_sequences`."""
    inner = ("wrapped",) if layer.kind == "Bidirectional" else ()
    return ("layers", index, *inner, "return_sequences")


def _unflattened(situation: Situation, index: int) -> Fix | None:
    """Undo what removed the dimensions before the layer: a Flatten, or a recurrent layer that returns its last step."""
    for earlier in reversed(range(index)):
        layer = situation.layers[earlier]
        shape = situation.before(earlier)
        if shape is not None and len(shape) > 2:
            if layer.kind == "Flatten":
                return Fix("Remove the Flatten before it.", (removed("layers", earlier),))
            if returns_sequences(layer) is False and situation.layers[index].input_rank == 3:
                text = f"Set return_sequences of the {layer.kind} before it to true."
                return Fix(text, (put(*sequence_path(earlier, layer), value=True),))
    return None


def _from_row(situation: Situation, index: int, layer: Layer, shape: Shape) -> Fix | None:
    size = shape[1] or 0
    if layer.input_rank == 3:
        return _reshaped(index, [size, 1])
    if layer.input_rank != 4:
        return None
    side = math.isqrt(size)
    if side * side == size >= _PICTURE and situation.schema.kind in {Kind.IMAGES, Kind.ARRAYS}:
        return _reshaped(index, [side, side, 1])
    if layer.kind.startswith("Conv") and "activation" in layer.arguments():
        dense = {"layer": "Dense", "units": layer.arguments()["filters"], "activation": layer.arguments()["activation"]}
        return Fix("Use a Dense instead, since flat inputs cannot be convolved.", (put("layers", index, value=dense),))
    if len(situation.layers) == 1:
        return None
    why = "flat inputs cannot be pooled" if "Pooling" in layer.kind else "flat inputs are not images"
    return Fix(f"Remove the {layer.kind}, since {why}.", (removed("layers", index),))


def _to_images(situation: Situation, index: int, layer: Layer, shape: Shape) -> Fix | None:
    sequence_layers = {"Embedding", "Bidirectional", "Conv1D", *RECURRENT}
    is_sequence = any(earlier.kind in sequence_layers for earlier in situation.layers[:index])
    if not is_sequence and situation.schema.kind is not Kind.SEQUENCES:
        return _reshaped(index, [*shape[1:], 1])
    return _sibling(index, layer, len(shape))


def _to_sequence(index: int, layer: Layer, shape: Shape) -> Fix | None:
    if layer.kind in RECURRENT or layer.kind == "Bidirectional":
        height, width, channels = (size or 1 for size in shape[1:])
        return _reshaped(index, [height, width * channels])
    return _sibling(index, layer, len(shape))


def _reshaped(index: int, target: list[Any]) -> Fix:
    layer = {"layer": "Reshape", "target_shape": target}
    shape = ", ".join(str(size) for size in target)
    return Fix(f"Insert a Reshape to ({shape}) before it.", (inserted("layers", index, value=layer),))


def _sibling(index: int, layer: Layer, rank: int) -> Fix | None:
    """Return the same layer for inputs of that rank, such as Conv1D for Conv2D, or None if there is none."""
    names = (
        layer.kind.replace(f"{layer.kind[place]}D", f"{axes}D") for place in _place(layer.kind) for axes in (1, 2, 3)
    )
    kind = next((name for name in names if _rank_of(name) == rank), None)
    if kind is None:
        return None
    known = LAYERS.members[kind].model_fields
    fields = {name: value for name, value in written(layer).items() if name in known}
    axes = int(kind[_place(kind)[0]])
    for name in _PER_AXIS & fields.keys():
        if isinstance(fields[name], list):
            sizes = [*fields[name], *fields[name][-1:] * axes][:axes]
            fields[name] = sizes[0] if axes == 1 else sizes
    # Only 1D convolutions have causal padding, and margins differ for each axis.
    if fields.get("padding") == "causal" and axes > 1:
        fields["padding"] = "same"
    kept = {name: value for name, value in fields.items() if name not in _MARGINS or isinstance(value, str)}
    return Fix(f"Use {kind} instead.", (put("layers", index, value={**kept, "layer": kind}),))


def _place(kind: str) -> tuple[int, ...]:
    """Return where the number of axes stands in the name of a layer: at 4 in `Conv2DTranspose`."""
    found = re.search(r"\dD", kind)
    return (found.start(),) if found else ()


def _rank_of(kind: str) -> int | None:
    member = LAYERS.members.get(kind)
    return member.input_rank if member is not None and issubclass(member, Layer) else None
