"""The Keras operations that resize and scale pictures of any size, from the state of their preparation."""

from typing import Any, NamedTuple

import numpy as np

from trainer.data.preparation import ImagePreparation
from trainer.data.sources.pictures.resizing import ONE
from trainer.engine.backend import keras

__all__ = ["picture_inputs"]

_LARGEST = 255.0


class _Axis(NamedTuple):
    """The pixels along one axis of a picture: int64 tensors, since a model does not know the size beforehand.

    `size` is their number, (1, 1), after the picture is cropped, and `places` are where the pixels of the raw picture
    are then, (1, pixels), some of them outside. `target` is the number of pixels that they become, and `wanted` the
    places of the result's pixels among them, (result, 1), some of them outside where a border is added.
    """

    size: Any
    places: Any
    target: Any
    wanted: Any


def picture_inputs(preparation: ImagePreparation) -> tuple[Any, Any]:
    """Return an input of pixels, (batch, height, width, channels) of uint8, and the prepared pictures.

    The arithmetic is that of `trainer.data.sources.pictures.resizing` in the same integers; float64 holds their sums
    exactly, in any order, on any device.
    """
    height, width, channels = preparation.shape
    raw = keras.Input((None, None, channels), dtype="uint8", name=preparation.column.replace("/", "_"))
    rows, columns = _axes(raw, preparation)
    pixels = keras.ops.cast(raw, "float64")
    for axis, equation in ((rows, "ih,bhwc->biwc"), (columns, "jw,bhwc->bhjc")):
        weights = keras.ops.cast(_weights(axis, preparation.interpolation), "float64")
        pixels = keras.ops.floor((keras.ops.einsum(equation, weights, pixels) + ONE // 2) / ONE)
    # The number of rows and columns is no longer known to Keras otherwise.
    pixels = keras.ops.reshape(pixels, (-1, height, width, channels))
    return raw, keras.ops.cast(pixels / _LARGEST, "float32")


def _axes(raw: Any, preparation: ImagePreparation) -> tuple[_Axis, _Axis]:
    height, width = preparation.image_size
    rows, columns = _axis(raw[:1, :, :1, :1], height), _axis(raw[:1, :1, :, :1], width)
    if preparation.crop_to_aspect_ratio:
        return _cropped(rows, columns.size * height // width), _cropped(columns, rows.size * width // height)
    if preparation.pad_to_aspect_ratio:
        high, wide = rows.size * width // columns.size, columns.size * height // rows.size
        return _bordered(rows, high), _bordered(columns, wide)
    return rows, columns


def _axis(line: Any, target: int) -> _Axis:
    ones = keras.ops.reshape(keras.ops.ones_like(line, dtype="int64"), (1, -1))
    size = keras.ops.sum(ones, axis=1, keepdims=True)
    # Tensors of int64, although these are known: NumPy would take a tensor on its right for an array of objects.
    wanted = size * 0 + np.arange(target, dtype=np.int64).reshape(-1, 1)
    return _Axis(size, keras.ops.cumsum(ones, axis=1) - 1, size * 0 + target, wanted)


def _cropped(axis: _Axis, fits: Any) -> _Axis:
    size = keras.ops.maximum(keras.ops.minimum(axis.size, fits), 1)
    return axis._replace(size=size, places=axis.places - (axis.size - size) // 2)


def _bordered(axis: _Axis, fits: Any) -> _Axis:
    target = keras.ops.maximum(keras.ops.minimum(fits, axis.target), 1)
    return axis._replace(target=target, wanted=axis.wanted - (axis.target - target) // 2)


def _weights(axis: _Axis, interpolation: str) -> Any:
    """Return the weight of each pixel in each one of the result, (result, pixels), as `resizing.weights` does."""
    size, places, target, wanted = axis
    if interpolation == "area":
        # The share of the pixels before each one, and of those up to it.
        before, after = (_share(place, size, target, wanted) for place in (places, places + 1))
        return after - before
    inside = keras.ops.cast(keras.ops.logical_and(wanted >= 0, wanted < target), "int64")
    if interpolation == "nearest":
        nearest = keras.ops.minimum(size * (2 * wanted + 1) // (2 * target), size - 1)
        return _at(places, nearest) * inside * ONE
    position = size * (2 * wanted + 1) - target
    low = position // (2 * target)
    part = ((position - low * (2 * target)) * ONE + target) // (2 * target)
    first, second = (keras.ops.minimum(keras.ops.maximum(place, 0), size - 1) for place in (low, low + 1))
    return (_at(places, first) * (ONE - part) + _at(places, second) * part) * inside


def _share(places: Any, size: Any, target: Any, wanted: Any) -> Any:
    covered = keras.ops.minimum(keras.ops.maximum(places * target - size * wanted, 0), size)
    return (covered * (2 * ONE) + size) // (size * 2)


def _at(places: Any, wanted: Any) -> Any:
    return keras.ops.cast(keras.ops.equal(places, wanted), "int64")
