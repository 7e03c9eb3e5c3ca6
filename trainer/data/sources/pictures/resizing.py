"""Resize pictures with integers alone, so that a saved model repeats it exactly. Imports nothing of Fitboard."""

import functools
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTERPOLATIONS", "ONE", "resize", "weights"]

INTERPOLATIONS: Final = ("bilinear", "nearest", "area")
"""How values between pixels are found, named as in Keras."""

# A sum of weighted values stays below 2**24, so that float32 holds it exactly in every order of summation.
ONE: Final = 65_536
"""The sum of the weights of each pixel."""

# Values at a time, so that they stay in the processor's cache from one operation to the next.
_AT_ONCE: Final = 65_536

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
    return _across(_down(pixels, height, interpolation), width, interpolation)


def weights(source: int, target: int, interpolation: str) -> NDArray[np.int64]:
    """Return the weight of each of `source` pixels in each of `target` ones, of shape (target, source).

    Each row sums to 65,536. Bilinear weights are those of half-pixel centers: pixel i is at (i + 1/2) source / target -
    1/2. Area weights are the shares of the source's pixels in the target's.
    """
    found = np.zeros((target, source), np.int64)
    neighbors, shares = _neighbors(source, target, interpolation)
    np.add.at(found, (np.arange(target)[:, None], neighbors), (shares * ONE).astype(np.int64))
    return found


def _down(pixels: _Pixels, target: int, interpolation: str) -> _Pixels:
    """Return pixels of shape (source, width, channels) as (target, width, channels)."""
    source, *others = pixels.shape
    if source == target:
        return pixels
    neighbors, shares = _neighbors(source, target, interpolation)
    found = np.empty((target, *others), np.uint8)
    step = max(1, _AT_ONCE // found[0].size)
    for first in range(0, target, step):
        some = slice(first, first + step)
        several = zip(neighbors[some].T, shares[some].T, strict=True)
        found[some] = _sum((pixels[rows], share[:, None, None]) for rows, share in several)
    return found


def _across(pixels: _Pixels, target: int, interpolation: str) -> _Pixels:
    """Return pixels of shape (height, source, channels) as (height, target, channels)."""
    height, source, channels = pixels.shape
    if source == target:
        return np.ascontiguousarray(pixels)
    neighbors, shares = _neighbors(source, target, interpolation)
    # NumPy takes single values faster than the few channels of a pixel.
    values = (neighbors[..., None] * channels + np.arange(channels)).swapaxes(1, 2).reshape(-1, neighbors.shape[1])
    several = list(zip(values.T, np.repeat(shares, channels, axis=0).T, strict=True))
    flat, found = pixels.reshape(height, -1), np.empty((height, target * channels), np.uint8)
    step = max(1, _AT_ONCE // found[0].size)
    for first in range(0, height, step):
        some = slice(first, first + step)
        found[some] = _sum((flat[some].take(columns, axis=1), share) for columns, share in several)
    return found.reshape(height, target, channels)


def _sum(parts: Iterable[tuple[_Pixels, NDArray[np.float32]]]) -> _Pixels:
    """Return the sum of pixels with their shares, rounded; one alone is the whole."""
    (pixels, share), *others = parts
    if not others:
        return pixels
    total = pixels.astype(np.float32)
    total *= share
    for pixels, share in others:
        more = pixels.astype(np.float32)
        more *= share
        total += more
    total += np.float32(0.5)
    return total.astype(np.uint8)


@functools.lru_cache(maxsize=64)
def _neighbors(source: int, target: int, interpolation: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which pixels each of `target` ones is made of, and their shares, both of shape (target, neighbors)."""
    places = np.arange(target)[:, None]
    if interpolation == "nearest":
        return np.minimum((2 * places + 1) * source // (2 * target), source - 1), np.ones((target, 1), np.float32)
    if interpolation == "area":
        first, most = places * source // target, -(-source // target) + 1
        borders = first + np.arange(most + 1)
        # The share that is covered up to each border, so that rounding cancels out in the sum.
        covered = np.clip(borders * target - places * source, 0, source)
        parts = np.diff((2 * ONE * covered + source) // (2 * source), axis=1)
        return np.minimum(borders[:, :-1], source - 1), (parts / ONE).astype(np.float32)
    position = (2 * places + 1) * source - target
    low = position // (2 * target)
    part = ((position - low * 2 * target) * ONE + target) // (2 * target)
    return np.clip(low + np.arange(2), 0, source - 1), (np.hstack([ONE - part, part]) / ONE).astype(np.float32)


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
