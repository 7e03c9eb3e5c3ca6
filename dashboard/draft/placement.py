"""Where a new layer goes if only its kind is given: before the output, and where its input has the right rank."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from trainer.config import LAYERS, Layer

__all__ = ["place_of_new_layer"]

# Activations of output layers. A last layer with another one is a hidden layer, so new layers go after it.
_ANSWERING: Final = frozenset(
    {None, "linear", "softmax", "sparsemax", "log_softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid"}
)

_MAKES_ROWS: Final = frozenset(
    {"Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"}
)


def place_of_new_layer(layers: Sequence[Mapping[str, Any]], kind: str) -> int:
    """Return the index at which a layer of that kind is inserted into the plain fields of a network.

    That is before the output layer, if there is one. A layer that takes images or sequences goes before the layer
    that flattens or pools them.
    """
    member = LAYERS.members[kind]
    rows = next((place for place, layer in enumerate(layers) if layer.get(LAYERS.key) in _MAKES_ROWS), None)
    needs_order = issubclass(member, Layer) and member.input_rank is not None
    if needs_order and kind not in _MAKES_ROWS and rows is not None:
        return rows
    return _output(layers)


def _output(layers: Sequence[Mapping[str, Any]]) -> int:
    """Return the index of the output layer, or the number of layers if none looks like one."""
    for place in reversed(range(len(layers))):
        kind, activation = layers[place].get(LAYERS.key), layers[place].get("activation")
        if kind == "Rescaling":  # scales the output of a regression to its unit
            continue
        if kind == "Dense" and activation in _ANSWERING:
            return place
        if kind != "Activation" or activation not in _ANSWERING:
            break
    return len(layers)
