"""Resize pictures with integers alone, so that a saved model repeats it exactly. Imports nothing of Fitboard."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTERPOLATIONS", "ONE", "resize", "weights"]

INTERPOLATIONS: Final = ("bilinear", "nearest", "area")
"""How values between pixels are found, named as in Keras."""

# A sum of weighted values stays below 2**24, so that float32 holds it exactly in every order of summation.
ONE: Final = 65_536
"""The sum of the weights of each pixel."""

_Pixels = NDArray[np.uint8]


def resize(
    pixels: _Pixels,
    size: tuple[int, int],
    *,
    interpolation: str = "bilinear",
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
) -> _Pixels:
    """Return a picture in another size, as Keras's `Resizing` but rounded to whole values after each axis.

    Args:
        pixels: of shape (height, width, channels).
        size: the new height and width.
        interpolation: `bilinear` (without antialiasing), `nearest`, or `area` (the mean of all pixels covered).
        crop_to_aspect_ratio: keep the aspect ratio and cut off what is outside of the center.
        pad_to_aspect_ratio: keep the aspect ratio and add black borders, as `tf.image.resize_with_pad`.

    Returns:
        The pixels, of shape (*size, channels).
    """
    height, width = size
    if crop_to_aspect_ratio:
        pixels = _cropped(pixels, height, width)
    elif pad_to_aspect_ratio:
        return _bordered(resize(pixels, _inner(pixels, height, width), interpolation=interpolation), height, width)
    if pixels.shape[:2] == size:
        return np.ascontiguousarray(pixels)
    # Height comes first, since rows lie together in memory.
    rows = _along_rows(pixels, height, interpolation)
    columns = _along_rows(np.ascontiguousarray(rows.swapaxes(0, 1)), width, interpolation)
    return np.ascontiguousarray(columns.swapaxes(0, 1))


def weights(source: int, target: int, interpolation: str) -> NDArray[np.int64]:
    """Return the weight of each of `source` pixels in each of `target` ones, of shape (target, source).

    Each row sums to 65,536. Bilinear weights are those of half-pixel centers: pixel i is at (i + 1/2) source / target -
    1/2. Area weights are the shares of the source's pixels in the target's.
    """
    found = np.zeros((target, source), np.int64)
    places = np.arange(target)
    if interpolation == "area":
        # The share that is covered up to each border, so that rounding cancels out in the sum.
        covered = np.clip(np.arange(source + 1) * target - places[:, None] * source, 0, source)
        shares: NDArray[np.int64] = np.diff((2 * ONE * covered + source) // (2 * source), axis=1)
        return shares
    if interpolation == "nearest":
        found[places, _nearest(source, target)] = ONE
        return found
    low, high, part = _neighbors(source, target)
    np.add.at(found, (places, low), ONE - part)
    np.add.at(found, (places, high), part)
    return found


def _along_rows(pixels: _Pixels, target: int, interpolation: str) -> _Pixels:
    """Return pixels of shape (source, other, channels) as (target, other, channels)."""
    source = len(pixels)
    if interpolation == "nearest" or source == target:
        return pixels[_nearest(source, target)]
    if interpolation == "area":
        return _area(pixels, target)
    low, high, part = _neighbors(source, target)
    share = part.astype(np.int32)[:, None, None]
    # Equal to low * (ONE - share) + high * share, with one multiplication.
    lower = pixels[low].astype(np.int32)
    total = (pixels[high] - lower) * share
    total += lower << 16
    total += ONE // 2
    total >>= 16
    return total.astype(np.uint8)


def _area(pixels: _Pixels, target: int) -> _Pixels:
    source = len(pixels)
    found = np.empty((target, *pixels.shape[1:]), np.uint8)
    flat = pixels.reshape(source, -1)
    for place in range(target):
        first, last = place * source // target, -(-(place + 1) * source // target)
        covered = np.clip(np.arange(first, last + 1) * target - place * source, 0, source)
        shares = np.diff((2 * ONE * covered + source) // (2 * source)).astype(np.float32)
        total = shares @ flat[first:last].astype(np.float32)
        found[place] = np.floor((total + ONE // 2) / ONE).reshape(pixels.shape[1:])
    return found


def _nearest(source: int, target: int) -> NDArray[np.int64]:
    return np.minimum((2 * np.arange(target) + 1) * source // (2 * target), source - 1)


def _neighbors(source: int, target: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pixels before and after each of `target` ones, and the weight of the latter."""
    position = (2 * np.arange(target) + 1) * source - target
    low = position // (2 * target)
    part = ((position - low * 2 * target) * ONE + target) // (2 * target)
    return np.clip(low, 0, source - 1), np.clip(low + 1, 0, source - 1), part


def _cropped(pixels: _Pixels, height: int, width: int) -> _Pixels:
    has_height, has_width = pixels.shape[:2]
    new_height = max(1, min(has_height, has_width * height // width))
    new_width = max(1, min(has_width, has_height * width // height))
    top, left = (has_height - new_height) // 2, (has_width - new_width) // 2
    return pixels[top : top + new_height, left : left + new_width]


def _inner(pixels: _Pixels, height: int, width: int) -> tuple[int, int]:
    """Return the largest height and width of the picture's aspect ratio that fit."""
    has_height, has_width = pixels.shape[:2]
    return (
        max(1, min(height, has_height * width // has_width)),
        max(1, min(width, has_width * height // has_height)),
    )


def _bordered(pixels: _Pixels, height: int, width: int) -> _Pixels:
    has_height, has_width, channels = pixels.shape
    top, left = (height - has_height) // 2, (width - has_width) // 2
    found = np.zeros((height, width, channels), np.uint8)
    found[top : top + has_height, left : left + has_width] = pixels
    return found
