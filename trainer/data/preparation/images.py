"""The preparation of pictures: resized to one size as whole numbers, then divided by 255."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.prepared import PIECE, RowFile, Stream

__all__ = ["ImagePreparation", "PictureSamples"]

_LARGEST = 255


@dataclass(frozen=True, kw_only=True)
class PictureSamples:
    """Pictures of one size in a file of rows: sample i is row `places[i]`, (height, width, channels) of uint8."""

    file: RowFile
    places: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.places)

    def take(self, indices: NDArray[np.intp]) -> "PictureSamples":
        """Return the pictures at these indices; none is read."""
        return PictureSamples(file=self.file, places=self.places[indices])

    def shown(self) -> NDArray[np.uint8]:
        """Return the pixels, (samples, height, width, channels)."""
        return self.file[self.places]

    def streamed(self, preparation: "ImagePreparation") -> Stream:
        """Return the prepared pictures, read and scaled where they are used."""
        return Stream(self.file, self.places, preparation.scaled, divisor=_LARGEST)


@dataclass(frozen=True, kw_only=True)
class ImagePreparation:
    """How pictures become tensors; nothing is fitted.

    A picture is converted to `color_mode`, cropped or padded if asked for, and resized to `image_size`, all in whole
    numbers from 0 to 255 (`trainer.data.sources.pictures`); then it is divided by 255.
    """

    column: str
    image_size: tuple[int, int]
    color_mode: str = "rgb"
    interpolation: str = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a prepared picture, (height, width, channels)."""
        return (*self.image_size, {"grayscale": 1, "rgb": 3, "rgba": 4}[self.color_mode])

    @property
    def features(self) -> tuple[str, ...]:
        """Nothing: pixels have no names."""
        return ()

    def scaled(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return pixels divided by 255; the shape stays the same."""
        # For bytes, dividing in float32 gives the bits of dividing in float64 and rounding once.
        return np.divide(pixels, np.float32(_LARGEST), dtype=np.float32)

    def apply(self, samples: PictureSamples) -> NDArray[np.float32]:
        """Return the prepared pictures, (samples, *shape)."""
        prepared = np.empty((len(samples), *self.shape), np.float32)
        step = max(1, PIECE // max(1, prepared[:1].nbytes))
        for first in range(0, len(samples), step):
            prepared[first : first + step] = self.scaled(samples.file[samples.places[first : first + step]])
        return prepared

    def state(self) -> dict[str, Any]:
        """Return everything that the preparation follows from, as JSON."""
        return {
            "kind": "images",
            "column": self.column,
            "image_size": list(self.image_size),
            "color_mode": self.color_mode,
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "divisor": _LARGEST,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "ImagePreparation":
        """Return the preparation of a state."""
        fields = {name: value for name, value in state.items() if name not in {"kind", "divisor"}}
        return cls(**{**fields, "image_size": tuple(fields["image_size"])})
