"""Weights of another training as the initial weights of a network."""

import contextlib
import hashlib
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from trainer.engine.backend import keras
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["load_start_weights"]

# What Keras 3.15 and h5py raise for files that are no weights.
_UNREADABLE = (OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError, zipfile.BadZipFile)


def load_start_weights(model: Any, file: Path, *, skip_mismatch: bool) -> str:
    """Set the weights of a built model to those in a `.keras` or `.weights.h5` file.

    Keras finds the weights of a layer by its kind and its place among the layers of that kind, so the file may be of a
    network with other layers in between. Only arrays are read from it, neither layers nor an optimizer.

    Returns:
        The SHA-256 of the weights that were taken, in the order of `get_weights`: 64 hex digits. It is that of the
        run or file they come from if every layer has taken its own.

    Raises:
        DataError: the file is not a file of weights, no layer's weights are in it, or some are not and
            `skip_mismatch` is False.
    """
    layers = [layer for layer in model.layers if layer.weights]
    fresh = [layer.get_weights() for layer in layers]
    for layer in layers:
        # Whatever is no longer NaN has been read; Keras itself only warns about layers that it leaves out.
        layer.set_weights([np.full_like(weight, np.nan) for weight in layer.get_weights()])
    _read(model, file)
    if not isinstance(model, keras.Sequential) and all(_is_unread(layer) for layer in layers):
        # A network with blocks is a model within the model that takes raw samples.
        outer = keras.Sequential([model])
        # Only its structure is needed; a call would add nodes to the graph of the model.
        outer.built = True
        with contextlib.suppress(DataError):
            _read(outer, file)
    found, missing = hashlib.sha256(), []
    for layer, weights in zip(layers, fresh, strict=True):
        if _is_unread(layer):
            missing.append(layer)
            layer.set_weights(weights)
            continue
        for weight in layer.get_weights():
            found.update(np.ascontiguousarray(weight, weight.dtype.newbyteorder("<")).tobytes())
    if missing and (not skip_mismatch or len(missing) == len(layers)):
        raise DataError(_refusal(model, missing, file, everything=len(missing) == len(layers)))
    return found.hexdigest()


def _is_unread(layer: Any) -> bool:
    return any(np.isnan(weight).any() for weight in layer.get_weights())


def _read(model: Any, file: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.load_weights(file, skip_mismatch=True)
    except _UNREADABLE as error:
        raise DataError(
            f"{file.name} is not a file of Keras weights, or is damaged; expected a .keras or .weights.h5 file."
        ) from error


def _refusal(model: Any, missing: list[Any], file: Path, *, everything: bool) -> str:
    if everything:
        return f"{file.name} has no weights that fit any layer of the network; start from another run or file."
    first = missing[0]
    number = model.layers.index(first) + 1
    shapes = " and ".join(str(tuple(weight.shape)) for weight in first.weights)
    others = f", nor for {counted(len(missing) - 1, 'other layer')}" if len(missing) > 1 else ""
    return (
        f"{file.name} has no weights of shape {shapes} for layer {number} ({type(first).__name__}){others}; set "
        "skip_mismatch to true to train such layers from their initial weights."
    )
