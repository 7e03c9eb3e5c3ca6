"""Rules about single layers and their inputs."""

import math
from collections.abc import Iterator
from typing import Any

from trainer.config import Layer
from trainer.config.check import Problem, Severity
from trainer.config.layers import every_layer
from trainer.data.schema import Kind
from trainer.engine.rules.inputs import token_fix, token_remedy
from trainer.engine.rules.ranks import rank_fix
from trainer.engine.rules.situation import NOISE, Fix, Shape, Situation, each_sample, inserted, put, removed
from trainer.format import counted

__all__ = ["layer_problems"]

_WANTS = {
    2: "one vector per sample",
    3: "sequences of (steps, channels)",
    4: "images of (height, width, channels)",
    5: "volumes of (depth, height, width, channels)",
}
_FRAMES = {
    4: "steps of (length, channels), that is, (steps, length, channels)",
    5: "steps that are images, that is, (steps, height, width, channels)",
    6: "steps that are volumes, that is, (steps, depth, height, width, channels)",
}
_EMBEDDED = 16
_ON_AXES = frozenset(
    {"BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization", "UnitNormalization"}
    | {"Softmax"}
)
# Layers that take word ids, and those that pass them on as integers.
_TAKES_TOKENS = frozenset({"Embedding", "CategoryEncoding", "IntegerLookup", "Hashing"})
_KEEPS_TOKENS = frozenset({"Flatten", "Reshape", "Identity", "Permute", "RepeatVector"})
_OTHER_TOKENS = frozenset({"IntegerLookup", "Hashing", "Discretization"})


def layer_problems(situation: Situation, *, nested: bool = False) -> Iterator[Problem]:
    """Find layers that do not accept their input, or that are useless in their place; `nested` are those in a block."""
    yield from _embedding(situation)
    for index, layer in enumerate(situation.layers):
        shape = situation.before(index)
        where = f"layers.{index + 1}"
        if shape is not None:
            yield from _rank(situation, index, layer, shape)
            yield from _window(where, index, layer, shape)
            yield from _reshape(where, index, layer, shape)
            yield from _axis(where, index, layer, shape)
        yield from _activation(where, index, layer)
        yield from _groups(where, index, layer, shape)
        yield from _strides(where, index, layer)
        yield from _noise(where, index, layer)
    yield from _useless(situation, nested=nested)


def _error(where: str, message: str, fix: Fix | None) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        where=where,
        message=message,
        fix=fix.text if fix else None,
        edits=fix.edits if fix else (),
    )


def _activation(where: str, index: int, layer: Layer) -> Iterator[Problem]:
    """Find activations that can be recorded but not built."""
    for field in ("activation", "recurrent_activation"):
        if layer.arguments().get(field) == "threshold":
            message = (
                f"`{field}` of {layer.kind} must be a function of one argument, got 'threshold', which also needs a "
                "threshold and a default value."
            )
            fix = Fix(
                f"Set {field} of layer {index + 1} ({layer.kind}) to relu.",
                (put("layers", index, field, value="relu"),),
            )
            yield _error(where, message, fix)


def _embedding(situation: Situation) -> Iterator[Problem]:
    vocabulary = situation.schema.vocabulary
    takers = [index for index, layer in enumerate(situation.layers) if layer.kind in _TAKES_TOKENS]
    for index in takers:
        earlier = {layer.kind for layer in situation.layers[:index]}
        computed = bool(earlier - _KEEPS_TOKENS - _OTHER_TOKENS)
        if computed or (vocabulary is None and "Discretization" not in earlier):
            yield _no_tokens(situation, index, computed=computed)
        elif vocabulary is None or earlier & _OTHER_TOKENS or situation.layers[index].kind != "Embedding":
            continue
        elif situation.layers[index].arguments()["input_dim"] < vocabulary:
            given = situation.layers[index].arguments()["input_dim"]
            fix = Fix(f"Set input_dim to {vocabulary:,}.", (put("layers", index, "input_dim", value=vocabulary),))
            message = (
                f"`input_dim` of Embedding is {given:,}, but tokens go up to {vocabulary - 1:,}; expected at least "
                f"{vocabulary:,}."
            )
            yield _error(f"layers.{index + 1}", message, fix)
    # Without an Embedding, the layers would treat word 4,000 as a thousand times word 4.
    if vocabulary is not None and not any(layer.kind in _TAKES_TOKENS for layer in every_layer(situation.layers)):
        layer = {"layer": "Embedding", "input_dim": vocabulary, "output_dim": _EMBEDDED}
        yield _error(
            "layers.1",
            f"Samples are word ids, which {situation.layers[0].kind} would treat as quantities; expected an Embedding "
            "first, which learns a vector for each word.",
            Fix("Start with an Embedding.", (inserted("layers", 0, value=layer),)),
        )


def _no_tokens(situation: Situation, index: int, *, computed: bool) -> Problem:
    """Describe an Embedding whose input is not tokens; the fix reads the file's integers as tokens if possible."""
    kind = situation.layers[index].kind
    where, asks = f"layers.{index + 1}", f"{kind} expects word ids, but its input is"
    tokens = None if computed else token_fix(situation, index)
    remedy = None if computed else token_remedy(situation)
    if remedy:
        return _error(where, f"{asks} {remedy}", None)
    what = (
        "the output of other layers"
        if computed
        else "integers that the dataset passes as float32"
        if tokens
        else "float32, not integers"
    )
    remove = Fix(f"Remove the {kind}.", (removed("layers", index),)) if len(situation.layers) > 1 else None
    return _error(where, f"{asks} {what}.", tokens or remove)


def _rank(situation: Situation, index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    wanted = layer.input_rank
    # The missing Embedding is reported instead, since it changes the rank of all inputs.
    no_embedding = situation.schema.kind is Kind.SEQUENCES and all(
        part.kind not in _TAKES_TOKENS for part in every_layer(situation.layers)
    )
    if wanted is None or len(shape) == wanted or no_embedding:
        return
    expected = _FRAMES[wanted] if layer.kind.startswith("ConvLSTM") else _WANTS[wanted]
    message = f"{layer.kind} expects {expected}, got {each_sample(shape)}."
    yield _error(f"layers.{index + 1}", message, rank_fix(situation, index))


def _window(where: str, index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    fields = layer.arguments()
    window = fields.get("pool_size", fields.get("kernel_size"))
    # Without a padding, as of a blur, or in a transposed convolution every window fits.
    fits = fields.get("padding") != "valid" or layer.kind.endswith("Transpose")
    if window is None or fits or len(shape) != layer.input_rank:
        return
    sizes = _listed(window)
    spans = [
        (size - 1) * step + 1
        for size, step in zip(sizes, _listed(fields.get("dilation_rate", 1), len(sizes)), strict=True)
    ]
    # A ConvLSTM has an axis of steps before those of its window.
    room = shape[-1 - len(sizes) : -1]
    # A size of None is not fixed yet, so whether the window fits is unknown.
    if any(has is not None and has < span for has, span in zip(room, spans, strict=True)):
        fix = Fix("Set padding to same.", (put("layers", index, "padding", value="same"),))
        spanned, left = " × ".join(map(str, spans)), " × ".join(map(str, room))
        yield _error(where, f"A window of {spanned} does not fit into an input of {left}.", fix)


def _listed(value: Any, length: int = 1) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value] * length


def _groups(where: str, index: int, layer: Layer, shape: Shape | None) -> Iterator[Problem]:
    """Find filters, or channels if they are known, that are not a multiple of groups."""
    fields = layer.arguments()
    if "filters" not in fields:
        return
    groups = fields.get("groups", 1)
    channels = shape[-1] if shape is not None and shape[-1] else groups
    if channels % groups or fields.get("filters", groups) % groups:
        what = f"Channels ({channels}) and filters" if shape is not None else "Filters"
        message = f"{what} ({fields['filters']}) must be multiples of groups ({groups})."
        yield _error(where, message, Fix("Set groups to 1.", (put("layers", index, "groups", value=1),)))


def _noise(where: str, index: int, layer: Layer) -> Iterator[Problem]:
    """Find more noise than Keras accepts; the schema allows it, because configs of earlier versions have it."""
    if layer.kind == "GaussianNoise" and layer.arguments()["stddev"] > 1:
        message = f"`stddev` must be between 0 and 1, got {layer.arguments()['stddev']:g}."
        yield _error(where, message, Fix("Set stddev to 0.1.", (put("layers", index, "stddev", value=0.1),)))


def _strides(where: str, index: int, layer: Layer) -> Iterator[Problem]:
    fields = layer.arguments()
    dilation = fields.get("dilation_rate", 1)
    # Keras raises ValueError for the combination.
    if max(_listed(dilation)) > 1 and max(_listed(fields["strides"])) > 1:
        value = [1] * len(dilation) if isinstance(dilation, tuple) else 1
        fix = Fix("Set dilation_rate to 1.", (put("layers", index, "dilation_rate", value=value),))
        yield _error(where, "strides and dilation_rate cannot both be greater than 1.", fix)


def _reshape(where: str, index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    if layer.kind != "Reshape" or None in shape[1:]:
        return
    target: tuple[int, ...] = layer.arguments()["target_shape"]
    numbers = math.prod(size for size in shape[1:] if size is not None)
    known = math.prod(size for size in target if size >= 0)
    gaps = target.count(-1)
    if (gaps == 0 and known == numbers) or (gaps == 1 and known and numbers % known == 0):
        return
    if gaps > 1:
        message = f"`target_shape` can have only one −1, got {gaps}."
    else:
        message = (
            f"Cannot reshape samples of {each_sample(shape)}, which have {counted(numbers, 'element')}, to "
            f"{each_sample((None, *target))}."
        )
    sizes = list(shape[1:])
    fix = Fix(f"Keep the shape {each_sample(shape)}.", (put("layers", index, "target_shape", value=sizes),))
    yield _error(where, message, fix)


def _axis(where: str, index: int, layer: Layer, shape: Shape) -> Iterator[Problem]:
    if layer.kind not in _ON_AXES:
        return
    given = layer.arguments()["axis"]
    rank = len(shape)
    axes = [axis % rank if -rank <= axis < rank else None for axis in _listed(given)]
    if None in axes or 0 in axes or len(set(axes)) < len(axes):
        message = (
            f"`axis` must be −1, or distinct axes other than 0 (the batch) of an input with {rank} axes, got {given}."
        )
        yield _error(where, message, Fix("Set axis to −1, the features.", (put("layers", index, "axis", value=-1),)))


def _useless(situation: Situation, *, nested: bool) -> Iterator[Problem]:
    last = len(situation.layers) - 1
    kind = situation.layers[last].kind
    if kind in NOISE and last > 0 and not nested:
        yield Problem(
            severity=Severity.WARNING,
            where=f"layers.{last + 1}",
            message=f"{kind} as the last layer distorts the predictions during training.",
            fix=f"Remove the last {kind}.",
            edits=(removed("layers", last),),
        )
    for index, layer in enumerate(situation.layers):
        if layer.kind in NOISE and layer.arguments().get("rate") == 1:
            yield Problem(
                severity=Severity.WARNING,
                where=f"layers.{index + 1}",
                message=f"{layer.kind} with rate 1 drops every input during training, so the model cannot learn.",
                fix="Set its rate to 0.5.",
                edits=(put("layers", index, "rate", value=0.5),),
            )
