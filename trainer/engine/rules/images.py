"""Rules about layers that augment or resize images, and about groups of channels and attention heads."""

from collections.abc import Iterator

from trainer.config import Layer
from trainer.config.check import Problem, Severity
from trainer.engine.rules.situation import Shape, Situation, put

__all__ = ["COLORS", "image_problems", "is_out_of_range"]

# These convert colors, which gray images do not have.
COLORS = frozenset({"RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorDegeneration", "RandomColorJitter"})
_RESCALES = frozenset({"Rescaling", "Normalization", "BatchNormalization", "LayerNormalization"})


def image_problems(situation: Situation) -> Iterator[Problem]:
    """Find augmentations that do not fit the values or channels of the images, and groups that do not divide them."""
    rescaled = False
    for index, layer in enumerate(situation.layers):
        shape = situation.before(index)
        rescaled = rescaled or layer.kind in _RESCALES
        yield from _value_range(situation, index, layer, rescaled=rescaled)
        if shape is not None and len(shape) == layer.input_rank:
            yield from _color(index, layer, shape)
        if shape is not None:
            yield from _channel_groups(index, layer, shape)
            yield from _heads(index, layer, shape)


def is_out_of_range(situation: Situation, layer: Layer) -> bool:
    """Return whether a layer expects values from 0 to 255 where the dataset is scaled to 1."""
    given = layer.arguments().get("value_range")
    return given is not None and situation.schema.scale == "unit" and tuple(given) == (0, 255)


def _value_range(situation: Situation, index: int, layer: Layer, *, rescaled: bool) -> Iterator[Problem]:
    if rescaled or not is_out_of_range(situation, layer):
        return
    yield Problem(
        severity=Severity.WARNING,
        where=f"layers.{index + 1}.value_range",
        message=f"{layer.kind} expects values from 0 to 255, but the dataset's `scale: unit` gives values from 0 to 1.",
        fix="Set value_range to 0, 1.",
        edits=(put("layers", index, "value_range", value=[0, 1]),),
    )


def _color(index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    if layer.kind in COLORS and shape[-1] is not None and shape[-1] != 3:
        yield Problem(
            severity=Severity.ERROR,
            where=f"layers.{index + 1}",
            message=f"{layer.kind} expects images with 3 channels (red, green, blue), got {shape[-1]}; remove it.",
        )


def _channel_groups(index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    if layer.kind != "GroupNormalization" or len(shape) < 2:
        return
    groups, axis = layer.arguments()["groups"], layer.arguments()["axis"]
    channels = shape[axis] if -len(shape) < axis < len(shape) else None
    if channels is None or groups == -1 or (groups > 0 and channels % groups == 0):
        return
    fitting = max(size for size in range(1, min(max(groups, 1), channels) + 1) if channels % size == 0)
    yield Problem(
        severity=Severity.ERROR,
        where=f"layers.{index + 1}.groups",
        message=f"`groups` must divide the {channels} channels, got {groups}.",
        fix=f"Set groups to {fitting}.",
        edits=(put("layers", index, "groups", value=fitting),),
    )


def _heads(index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    if layer.kind != "TransformerBlock" or len(shape) != layer.input_rank or shape[-1] is None:
        return
    heads, channels = layer.arguments()["num_heads"], shape[-1]
    if channels % heads:
        fitting = max(size for size in range(1, min(heads, channels) + 1) if channels % size == 0)
        yield Problem(
            severity=Severity.ERROR,
            where=f"layers.{index + 1}.num_heads",
            message=f"`num_heads` must divide the {channels} channels, got {heads}.",
            fix=f"Set num_heads to {fitting}.",
            edits=(put("layers", index, "num_heads", value=fitting),),
        )
