"""The input of the rules: a config, its data, and the shapes between its layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from trainer.config import Component, Config, Labels, Layer
from trainer.config.check import Edit
from trainer.config.layers import Composite
from trainer.config.short import shortened_component
from trainer.data.schema import Schema, Task

__all__ = [
    "NOISE",
    "RECURRENT",
    "Answer",
    "Fix",
    "Shape",
    "Situation",
    "each_sample",
    "inserted",
    "put",
    "removed",
    "written",
]

Shape = tuple[int | None, ...]

RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU"})
NOISE = frozenset(
    {"Dropout", "GaussianNoise", "AlphaDropout", "GaussianDropout"} | {f"SpatialDropout{axes}D" for axes in (1, 2, 3)}
)
"""Layers that change values at random during training, and pass them on during evaluation."""

# Layers that leave values unchanged when the model is evaluated.
_PASSES_ON = NOISE | frozenset(
    {"Flatten", "Reshape", "Identity", "ActivityRegularization", "Permute", "RepeatVector", "Masking"}
)
# Layers that are an activation, by its name.
_AS_LAYERS = {"Softmax": "softmax", "ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "leaky_relu", "ELU": "elu"}


class Fix(NamedTuple):
    """A fix in words, and the edits that apply it."""

    text: str
    edits: tuple[Edit, ...]


class Answer(NamedTuple):
    """The layer that applies the output activation, and its name; None if the model outputs logits or values."""

    place: int
    activation: str | None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A config with its data's schema and each layer's output shape, batch dimension (None) included.

    `shapes` may be shorter than the layers, or contain None, if a layer could not be built.
    """

    config: Config
    schema: Schema
    shapes: Sequence[Shape | None]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The config's layers."""
        return self.config.layers

    def before(self, index: int) -> Shape | None:
        """Return the input shape of a layer, or None if it is unknown."""
        if index == 0:
            return (None, *self.schema.input_shape)
        return self.shapes[index - 1] if index <= len(self.shapes) else None

    @property
    def output(self) -> Shape | None:
        """The output shape of the model, or None if it could not be built."""
        return self.before(len(self.layers))

    @property
    def units(self) -> int | None:
        """The number of outputs for each sample, or None if the output is not one-dimensional."""
        return self.output[1] if self.output is not None and len(self.output) == 2 else None

    @property
    def labels(self) -> Labels:
        """The format of the labels that the loss expects."""
        return self.config.loss.labels

    @property
    def classifies(self) -> bool:
        """Whether the task is a classification."""
        return self.schema.task is Task.CLASSIFICATION

    @property
    def is_multilabel(self) -> bool:
        """Whether several labels may be true at once."""
        return self.schema.task is Task.MULTILABEL

    @property
    def expected_units(self) -> int:
        """The number of outputs that the loss needs for each sample."""
        if self.labels in {Labels.INTEGER, Labels.ONE_HOT}:
            return self.schema.classes or 1
        return 1 if self.labels is Labels.BINARY and not self.is_multilabel else self.schema.outputs

    @property
    def from_logits(self) -> bool | None:
        """`from_logits` of the loss, or None if it has no such field."""
        value: bool | None = self.config.loss.arguments().get("from_logits")
        return value

    @cached_property
    def answer(self) -> Answer | None:
        """The output activation, or None if the last layers do not determine it."""
        for index in reversed(range(len(self.layers))):
            layer = self.layers[index]
            fields = layer.arguments()
            # The last operation of a block is a sum or a normalization.
            if isinstance(layer, Composite):
                return None
            if "activation" in fields:
                activation = None if fields["activation"] == "linear" else fields["activation"]
                if layer.kind == "Activation" and activation is None:
                    continue
                return Answer(index, activation)
            if layer.kind in _AS_LAYERS:
                return Answer(index, _AS_LAYERS[layer.kind])
            if layer.kind not in _PASSES_ON:
                return None
        return None

    def activated(self, activation: str | None) -> tuple[Edit, ...]:
        """Return the edits that set the output activation. Requires that `answer` is known."""
        if self.answer is None:
            return ()
        index = self.answer.place
        kind = self.layers[index].kind
        # A recurrent layer's activation belongs to its recurrence, so the output gets its own layer.
        if kind in RECURRENT:
            return (inserted("layers", len(self.layers), value=self.dense(activation)),)
        if kind == "Activation" and activation is None:
            # A config needs at least one layer.
            alone = len(self.layers) == 1
            return (put("layers", index, "activation", value="linear") if alone else removed("layers", index),)
        if kind in _AS_LAYERS:
            layer = {"layer": "Activation", "activation": activation or "linear"}
            return (put("layers", index, value=layer),)
        return (put("layers", index, "activation", value=activation),)

    def dense(self, activation: str | None) -> dict[str, Any]:
        """Return an output layer with as many units as the loss needs."""
        layer: dict[str, Any] = {"layer": "Dense", "units": self.expected_units}
        return {**layer, "activation": activation} if activation else layer


def put(*path: str | int, value: Any) -> Edit:
    """Return the edit that sets a field or an item."""
    return Edit(action="set", path=path, value=value)


def inserted(*path: str | int, value: Any) -> Edit:
    """Return the edit that inserts an item before the place at the end of the path."""
    return Edit(action="insert", path=path, value=value)


def removed(*path: str | int) -> Edit:
    """Return the edit that removes an item."""
    return Edit(action="remove", path=path)


def written(part: Component) -> dict[str, Any]:
    """Return a component as plain fields: its kind and the fields that are set."""
    fields: dict[str, Any] = shortened_component(part, whole=True)
    return fields


def each_sample(shape: Shape) -> str:
    """Format a shape without the batch dimension, such as `(8, 8)`."""
    return f"({', '.join(str(size) for size in shape[1:])})"
