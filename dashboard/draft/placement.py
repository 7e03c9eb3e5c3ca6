"""Where a new layer goes when a person only says which: before the output, and where its input has its shape."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from trainer.config import LAYERS, Layer

__all__ = ["place_of_new_layer"]

_ANSWERING: Final = frozenset(
    {None, "linear", "softmax", "sparsemax", "log_softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid"}
)
"""The activations of an output layer; one with another is a hidden layer, and what is added goes behind it."""

_MAKES_ROWS: Final = frozenset(
    {"Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"}
)


def place_of_new_layer(layers: Sequence[Mapping[str, Any]], kind: str) -> int:
    """The index at which a layer of that kind is inserted into a network's plain fields.

    That is before the output layer, where there is one, and for a layer that takes images or sequences before the
    layer that makes single rows of them.
    """
    member = LAYERS.members[kind]
    rows = next((place for place, layer in enumerate(layers) if layer.get(LAYERS.key) in _MAKES_ROWS), None)
    needs_order = issubclass(member, Layer) and member.input_rank is not None
    if needs_order and kind not in _MAKES_ROWS and rows is not None:
        return rows
    return _output(layers)


def _output(layers: Sequence[Mapping[str, Any]]) -> int:
    """The index of the output layer, or the number of layers where none looks like one."""
    for place in reversed(range(len(layers))):
        kind, activation = layers[place].get(LAYERS.key), layers[place].get("activation")
        if kind == "Rescaling":  # brings a regression's answers into their own unit
            continue
        if kind == "Dense" and activation in _ANSWERING:
            return place
        if kind != "Activation" or activation not in _ANSWERING:
            break
    return len(layers)
