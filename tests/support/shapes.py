"""Output shapes, without Keras, of the layers that the rules are tested with."""

import math
from typing import Any

from trainer.config import Config, Layer

Shape = tuple[int | None, ...]


def shapes_of(config: Config, input_shape: tuple[int, ...]) -> list[Shape | None]:
    """Return the output shape of each layer, batch first; None from the first layer on that cannot be built."""
    shapes: list[Shape | None] = []
    shape: Shape | None = (None, *input_shape)
    for layer in config.layers:
        shape = _after(layer, shape) if shape is not None and layer.input_rank in {None, len(shape)} else None
        shapes.append(shape)
    return shapes


def _after(layer: Layer, shape: Shape) -> Shape | None:
    fields = layer.arguments()
    sizes = [size or 0 for size in shape[1:]]
    if layer.kind == "Flatten":
        return (None, math.prod(sizes))
    if layer.kind == "Dense":
        return (*shape[:-1], fields["units"])
    if layer.kind == "Embedding":
        return (*shape, fields["output_dim"])
    if layer.kind == "Reshape":
        return _reshaped(fields["target_shape"], math.prod(sizes))
    if layer.kind.startswith("Global"):
        return (None, sizes[-1])
    if ("kernel_size" in fields or "pool_size" in fields) and "strides" in fields:
        return _slid(fields, sizes)
    if layer.kind == "Bidirectional":
        after = _after(fields["wrapped"], shape) or shape
        return (*after[:-1], 2 * (after[-1] or 0))
    if "return_sequences" in fields:
        return (None, sizes[0], fields["units"]) if fields["return_sequences"] else (None, fields["units"])
    return shape


def _reshaped(target: tuple[int, ...], numbers: int) -> Shape | None:
    known = math.prod(size for size in target if size >= 0)
    if target.count(-1) == 1 and known and numbers % known == 0:
        return (None, *(numbers // known if size == -1 else size for size in target))
    return (None, *target) if known == numbers and -1 not in target else None


def _slid(fields: dict[str, Any], sizes: list[int]) -> Shape | None:
    def listed(value: Any) -> list[int]:
        return list(value) if isinstance(value, tuple) else [value]

    window = listed(fields.get("kernel_size", fields.get("pool_size")))
    strides = listed(fields["strides"] or fields.get("pool_size"))
    valid = fields["padding"] == "valid"
    room = [size - (span - 1 if valid else 0) for size, span in zip(sizes, window, strict=False)]
    if min(room) < 1:
        return None
    after = [-(-size // step) for size, step in zip(room, strides, strict=True)]
    return (None, *after, fields.get("filters", sizes[-1]))
