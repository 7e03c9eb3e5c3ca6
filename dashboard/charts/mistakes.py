"""The misclassified samples with the highest confidence: as small images, or as rows of a table."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mistake", "MistakesInfo", "mistake_pictures", "mistakes_info"]

_MOST = 24


class Mistake(NamedTuple):
    """One misclassified sample; `place` is its index in the part that was evaluated.

    `confidence` is the probability of the predicted class, 0 to 1, or NaN. `sample` is the network's input, if it was
    kept: (height, width[, channels]) for an image.
    """

    place: int
    true: str
    predicted: str
    confidence: float
    sample: NDArray[np.float64] | None


class MistakesInfo(NamedTuple):
    """The most confident mistakes, the highest confidence first, and whether their samples are images."""

    mistakes: tuple[Mistake, ...]
    images: bool


def mistakes_info(document: object, labels: Sequence[str] = ()) -> MistakesInfo:
    """Read `evaluation/mistakes.json`: a list of `index`, `true`, `predicted`, `confidence` and perhaps `x`.

    Args:
        document: the content of the file; if it is anything else, there are no mistakes.
        labels: the names of the classes, by number.
    """
    listed = document if isinstance(document, list) else []
    read = [_mistake(entry, labels) for entry in listed]
    mistakes = sorted((one for one in read if one is not None), key=lambda one: -one.confidence)[:_MOST]
    images = bool(mistakes) and all(one.sample is not None and _is_image(one.sample) for one in mistakes)
    return MistakesInfo(tuple(mistakes), images)


def _mistake(entry: Any, labels: Sequence[str]) -> Mistake | None:
    try:
        sample = None if entry.get("x") is None else np.asarray(entry["x"], dtype=float)
        return Mistake(
            int(entry["index"]),
            _named(entry["true"], labels),
            _named(entry["predicted"], labels),
            float(entry.get("confidence", math.nan)),
            sample,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _named(label: Any, labels: Sequence[str]) -> str:
    return labels[label] if isinstance(label, int) and 0 <= label < len(labels) else str(label)


def _is_image(sample: NDArray[np.float64]) -> bool:
    return sample.ndim in {2, 3} and min(sample.shape[:2]) > 1 and (sample.ndim == 2 or sample.shape[2] in {1, 3, 4})


def mistake_pictures(info: MistakesInfo, *, side: int = 96) -> list[NDArray[np.uint8]]:
    """Return each sample as an image (height, width, 3) of 0 to 255, enlarged by a whole factor to about `side` pixels.

    Colors are shown as they are; every other sample is scaled from its own darkest to its own brightest value. Empty if
    the samples are not images.
    """
    return [_picture(one.sample, side) for one in info.mistakes if one.sample is not None] if info.images else []


def _range(pixels: NDArray[np.float64]) -> tuple[float, float]:
    """Return the values of black and white. Stretched, the colors of a dark picture would be others."""
    low, high = float(pixels.min()), float(pixels.max())
    white = next((white for white in (1.0, 255.0) if high <= white), None)
    return (low, high) if pixels.shape[2] < 3 or low < 0 or white is None else (0.0, white)


def _picture(sample: NDArray[np.float64], side: int) -> NDArray[np.uint8]:
    pixels = np.nan_to_num(sample if sample.ndim == 3 else sample[:, :, np.newaxis], posinf=0.0, neginf=0.0)
    low, high = _range(pixels)
    grey = ((pixels - low) / ((high - low) or 1.0) * 255).round().astype(np.uint8)
    colored = np.repeat(grey, 3, axis=2) if grey.shape[2] == 1 else grey[:, :, :3]
    factor = max(1, round(side / max(colored.shape[:2])))
    return colored.repeat(factor, axis=0).repeat(factor, axis=1)
