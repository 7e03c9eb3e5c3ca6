"""Samples of a dataset in a form to look at: small images, rows of a table, words, or integers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Picture", "enlarged", "pictures", "rows", "sequences"]

_MOST_COLUMNS = 8
_MOST_WORDS = 24


class Picture(NamedTuple):
    """One sample as an image (height, width) or (height, width, 3) of 0 to 255, and its label."""

    image: NDArray[np.uint8]
    label: str


def pictures(x: NDArray[Any], y: NDArray[Any], names: Sequence[str], *, side: int = 56) -> list[Picture]:
    """Return images (samples, height, width[, channels]) and labels, enlarged by a whole factor to about `side` pixels.

    Values are scaled by the range of all images together, so that scaled data look like raw data.
    """
    if not len(x):
        return []
    low, high = float(np.min(x)), float(np.max(x))
    grey = (np.asarray(x, dtype=np.float64) - low) / (high - low or 1.0) * 255
    large = enlarged(grey.round().astype(np.uint8), side=side)
    return [Picture(image, _label(value, names)) for image, value in zip(large, y, strict=True)]


def enlarged(images: NDArray[np.uint8], *, side: int = 56) -> NDArray[np.uint8]:
    """Return images (samples, height, width[, channels]) as gray or RGB, by a whole factor to about `side` pixels."""
    if images.ndim == 4:
        images = images[..., :3] if images.shape[3] in {3, 4} else images[..., 0]
    factor = max(1, round(side / max(images.shape[1:3])))
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def rows(x: NDArray[Any], y: NDArray[Any], features: Sequence[str], names: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the columns of a table by name, the label first, then at most eight features."""
    width = x.shape[1]
    shown = min(width, _MOST_COLUMNS)
    columns: dict[str, list[str]] = {"label": [_label(value, names) for value in y]}
    for column in range(shown):
        name = features[column] if column < len(features) else f"x{column + 1}"
        columns[name] = [value if isinstance(value, str) else f"{value:.4g}" for value in x[:, column]]
    if shown < width:
        columns[f"and {width - shown} more"] = ["…"] * len(y)
    return columns


def sequences(
    x: NDArray[Any],
    y: NDArray[Any],
    names: Sequence[str],
    *,
    words: Mapping[int, str] | None = None,
    most: int = _MOST_WORDS,
) -> list[tuple[str, str]]:
    """Return the label and the last integers of each sequence (samples, length), without padding.

    Args:
        x: the sequences.
        y: their labels.
        names: the names of the labels, by number.
        words: the words of a text, shown instead of integers; an integer without a word stays.
        most: the number of integers or words that are shown.
    """
    told = []
    for numbers, value in zip(x, y, strict=True):
        tokens = [int(number) for number in numbers if number]
        shown = [word for token in tokens if (word := (words or {}).get(token, str(token)))]
        cut = "… " if len(shown) > most else ""
        told.append((_label(value, names), cut + " ".join(shown[-most:])))
    return told


def _label(value: Any, names: Sequence[str]) -> str:
    if np.ndim(value):
        return ", ".join(f"{part:.4g}" for part in value)
    if isinstance(value, np.floating):
        return f"{value:.4g}"
    number = int(value)
    return names[number] if 0 <= number < len(names) else str(number)
