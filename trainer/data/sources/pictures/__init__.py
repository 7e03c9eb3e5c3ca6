"""Pictures in files of the user: found, decoded, and resized."""

from trainer.data.sources.pictures.decoding import COLOR_MODES, Measured, PictureError, decode, measure
from trainer.data.sources.pictures.found import Pictures, content_digest, find_pictures, named_pictures, picture_digests
from trainer.data.sources.pictures.resizing import INTERPOLATIONS, resize, weights
from trainer.data.sources.pictures.rows import (
    Broken,
    Shaping,
    broken_pictures,
    look_through_pictures,
    picture_rows,
    refuse_broken,
)

__all__ = [
    "COLOR_MODES",
    "INTERPOLATIONS",
    "Broken",
    "Measured",
    "PictureError",
    "Pictures",
    "Shaping",
    "broken_pictures",
    "content_digest",
    "decode",
    "find_pictures",
    "look_through_pictures",
    "measure",
    "named_pictures",
    "picture_digests",
    "picture_rows",
    "refuse_broken",
    "resize",
    "weights",
]
