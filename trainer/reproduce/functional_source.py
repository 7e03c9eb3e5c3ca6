"""A network with Fitboard's blocks as statements of Keras's functional API."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from trainer.config import Config
from trainer.config.layers import Composite, Layer
from trainer.config.layers.application import APPLICATIONS, MEAN, VARIANCE, Application, Pixels
from trainer.config.layers.composite import (
    Parallel,
    PositionalEmbedding,
    Residual,
    SelfAttention,
    Stack,
    TransformerBlock,
)
from trainer.reproduce.expressions import expression, literal

__all__ = ["functional_lines"]

# Stands for the number of channels, which only the tensor knows, while the lines of a block are written.
_CHANNELS = 987_654_321

# The script has the data in `x` and `y`.
_HIDDEN = "hidden"

_FLOAT32: Mapping[str, Any] = {"dtype": "float32"}


class _Lines:
    """Collects statements; `names` numbers the variables, so that nested blocks do not overwrite each other's."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: Counter[str] = Counter()

    def name(self, word: str) -> str:
        self._names[word] += 1
        return word if self._names[word] == 1 else f"{word}_{self._names[word]}"

    def add(self, target: str, call: str, argument: str) -> str:
        """Write `target = call(argument)` and return the target."""
        self.lines.append(f"{target} = {call}({argument})")
        return target


def functional_lines(config: Config, source: str) -> str:
    """Return the statements that create `model`, one for each layer of Keras, from `source`, the call of the input."""
    written = _Lines()
    written.lines.append(f"inputs = {source}")
    *hidden, last = config.layers
    x = "inputs"
    for layer in hidden:
        x = _connected(written, layer, x, {})
    # As in a Sequential, the output of a network in 16 bits is computed in 32.
    x = _connected(written, last, x, _FLOAT32 if config.precision != "float32" else {})
    return "\n".join([*written.lines, f"model = keras.Model(inputs, {x})"])


def _connected(written: _Lines, layer: Layer, x: str, extra: Mapping[str, Any]) -> str:
    """Write the statements of a layer on the variable `x` and return the variable of its output."""
    if isinstance(layer, SelfAttention):
        return _attention(written, layer, x, extra)
    if not isinstance(layer, Composite):
        return written.add(_HIDDEN, expression(layer, **extra), x)
    if isinstance(layer, Residual):
        shortcut = _kept(written, "shortcut", x)
        y = _chain(written, _frozen(layer, layer.layers), shortcut, extra)
        return written.add(_HIDDEN, _merge("Add", extra), f"[{shortcut}, {y}]")
    if isinstance(layer, Parallel):
        return _branches(written, layer, x, extra)
    if isinstance(layer, TransformerBlock):
        return _block(written, layer, x, extra)
    if isinstance(layer, Application):
        return _application(written, layer, x, extra)
    if isinstance(layer, PositionalEmbedding):
        return _positions(written, layer, x, extra)
    inner = layer.layers if isinstance(layer, Stack) else ()
    return _chain(written, _frozen(layer, inner), x, extra)


def _attention(written: _Lines, layer: SelfAttention, x: str, extra: Mapping[str, Any]) -> str:
    arguments = f"{x}, {x}{', use_causal_mask=True' if layer.use_causal_mask else ''}"
    if not layer.freeze:
        return written.add(_HIDDEN, expression(layer, **extra), arguments)
    # Keras 3.15 does not pass `trainable=False` on to the layers that attention makes when it is built.
    name = written.name("attention")
    written.lines.append(f"{name} = {expression(layer.model_copy(update={'freeze': False}), **extra)}")
    written.add(_HIDDEN, name, arguments)
    written.lines.append(f"{name}.trainable = False")
    return _HIDDEN


def _frozen(layer: Layer, inner: Sequence[Layer]) -> tuple[Layer, ...]:
    return tuple(each.model_copy(update={"freeze": True}) if layer.freeze else each for each in inner)


def _chain(written: _Lines, layers: Sequence[Layer], x: str, extra: Mapping[str, Any]) -> str:
    for layer in layers:
        x = _connected(written, layer, x, extra)
    return x


def _kept(written: _Lines, word: str, x: str) -> str:
    """Write the variable that keeps `x`, unless it is kept already, and return it."""
    if x != _HIDDEN:
        return x
    name = written.name(word)
    written.lines.append(f"{name} = {x}")
    return name


def _merge(kind: str, extra: Mapping[str, Any]) -> str:
    arguments = ", ".join(f'{name}="{value}"' for name, value in extra.items())
    return f"keras.layers.{kind}({arguments})"


def _branches(written: _Lines, layer: Parallel, x: str, extra: Mapping[str, Any]) -> str:
    source = _kept(written, "branch_input", x)
    outputs = []
    for branch in _frozen(layer, layer.layers):
        y = _connected(written, branch, source, extra)
        name = written.name("branch")
        written.lines.append(f"{name} = {y}")
        outputs.append(name)
    if len(outputs) == 1:
        return outputs[0]
    return written.add(_HIDDEN, _merge(layer.merge.capitalize(), extra), f"[{', '.join(outputs)}]")


def _block(written: _Lines, layer: TransformerBlock, x: str, extra: Mapping[str, Any]) -> str:
    width = written.name("width")
    written.lines.append(f"{width} = {x}.shape[-1]")
    start = len(written.lines)
    parts = _frozen(layer, layer.parts(_CHANNELS * layer.num_heads))
    x = _chain(written, parts, x, extra)
    for place in range(start, len(written.lines)):
        line = written.lines[place].replace(str(_CHANNELS * layer.num_heads), width)
        written.lines[place] = line.replace(str(_CHANNELS), f"{width} // {layer.num_heads}")
    return x


def _positions(written: _Lines, layer: PositionalEmbedding, x: str, extra: Mapping[str, Any]) -> str:
    positions = written.name("positions")
    ones = f'keras.ops.ones_like({x}[:, :, 0], dtype="int32")'
    written.lines.append(f"{positions} = keras.ops.cumsum({ones}, axis=1) - 1")
    embedding = expression(layer.embedding(_CHANNELS), **extra)
    embedded = written.name("embedded")
    written.add(embedded, embedding.replace(str(_CHANNELS), f"{x}.shape[-1]"), positions)
    return written.add(_HIDDEN, _merge("Add", extra), f"[{x}, {embedded}]")


# The same layers as `trainer.engine.applications` has.
_PREPROCESSED = {
    Pixels.TF: ("Rescaling", "2.0, offset=-1.0"),
    Pixels.CAFFE: ("Rescaling", "255.0, offset=[-103.939, -116.779, -123.68]"),
    Pixels.TORCH: ("Normalization", f"mean={list(MEAN)}, variance={list(VARIANCE)}"),
    Pixels.NONE: ("Rescaling", "255.0"),
}


def _application(written: _Lines, layer: Application, x: str, extra: Mapping[str, Any]) -> str:
    name = written.name(layer.model.lower())
    policy = f'"{extra["dtype"]}"' if extra else ""
    given = [
        "include_top=False",
        f"weights={literal(layer.weights)}",
        f"input_shape={x}.shape[1:]",
        *([f"pooling={literal(layer.pooling)}"] if layer.pooling else []),
        # Keras gives each network of a kind the same name, and refuses a model with two of them.
        *([f"name={literal(name)}"] if name != layer.model.lower() else []),
    ]
    if policy:
        # These functions take no dtype.
        written.lines.append(f"keras.config.set_dtype_policy({policy})")
    if layer.preprocess:
        pixels = APPLICATIONS[layer.model]
        kind, arguments = _PREPROCESSED[pixels]
        # Blue comes first.
        channels = "[..., ::-1]" if pixels is Pixels.CAFFE else ""
        x = written.add(_HIDDEN, f"keras.layers.{kind}({arguments})", f"{x}{channels}")
    inner = "".join(f"    {argument},\n" for argument in given)
    written.lines.append(f"{name} = keras.applications.{layer.model}(\n{inner})")
    if layer.freeze:
        written.lines.append(f"{name}.trainable = False")
    return written.add(_HIDDEN, name, x)
