"""Decode pictures to pixels. Imports nothing of Fitboard, so that a saved model can carry a copy of this file."""

import io
import struct
import threading
import warnings
import zlib
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

__all__ = ["COLOR_MODES", "FORMATS", "MOST_PIXELS", "Measured", "PictureError", "decode", "measure"]

COLOR_MODES: Final = {"grayscale": 1, "rgb": 3, "rgba": 4}
"""The channels of each color mode."""

# Without this list Pillow would try formats that start other programs, such as EPS.
FORMATS: Final = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
"""The formats that are decoded, whatever the name of the file."""

MOST_PIXELS: Final = 89_478_485
"""Pixels of the largest picture, as Pillow's own limit; one of them takes 630 MB while it is decoded."""

_PILLOW_MODES: Final = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow's readers raise for files that are damaged or malicious.
_BROKEN: Final = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)

# Pillow warns of each odd tag of a camera; whether the pixels can be decoded is all that matters here.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# Threads decode pictures of more pixels one at a time, since each may take hundreds of megabytes.
_LARGE: Final = 8_000_000
_one_large = threading.Lock()


class PictureError(ValueError):
    """A file that is not a picture, or cannot be decoded; the message continues a sentence after the file's name."""


class Measured(NamedTuple):
    """What the header of a picture says: size in pixels after it is turned upright, Pillow's mode, and frames."""

    width: int
    height: int
    mode: str
    format: str
    is_animated: bool = False


def decode(data: bytes, color_mode: str = "rgb") -> NDArray[np.uint8]:
    """Return the pixels of an encoded picture, turned upright, of shape (height, width, channels).

    Values of 16 bits keep their high byte, and those of 1 bit become 0 or 255. Gray is 0.299 R + 0.587 G + 0.114 B
    as Pillow rounds it. Transparency is dropped, as Keras does, unless `color_mode` is `rgba`; opaque pixels have 255
    there. Of an animation, the first frame is taken.

    Args:
        data: the content of the file.
        color_mode: `grayscale`, `rgb` or `rgba`.

    Raises:
        PictureError: If it is not a picture, is damaged, or has more than 89,478,485 pixels.
    """
    with _opened(io.BytesIO(data)) as image:
        if image.width * image.height <= _LARGE:
            return _pixels(image, color_mode)
        with _one_large:
            return _pixels(image, color_mode)


def measure(data: bytes | BinaryIO) -> Measured:
    """Return what the header of a picture says, without decoding it. Raises PictureError as `decode`."""
    with _opened(io.BytesIO(data) if isinstance(data, bytes) else data) as image:
        try:
            width, height = image.size
            if _orientation(image) >= 5:
                width, height = height, width
            return Measured(width, height, image.mode, image.format or "", bool(getattr(image, "is_animated", False)))
        except _BROKEN as error:
            raise PictureError(f"is damaged ({_short(error)})") from error


def _opened(stream: BinaryIO) -> Image.Image:
    try:
        image = Image.open(stream, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"has more than {MOST_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:
        raise PictureError(f"is not a picture in one of the formats {', '.join(FORMATS)}") from error
    except _BROKEN as error:
        raise PictureError(f"is damaged ({_short(error)})") from error
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise PictureError(f"has {image.width:,} × {image.height:,} pixels, more than {MOST_PIXELS:,}")
    if image.mode == "F":
        image.close()
        raise PictureError("has pixels that are floats; save it with 8 or 16 bits")
    return image


def _pixels(image: Image.Image, color_mode: str) -> NDArray[np.uint8]:
    try:
        turn = _TURNS.get(_orientation(image))
        plain = _eight_bits(image)
        # A palette may have transparent colors, which only RGBA keeps apart from the others.
        if plain.mode in ("P", "PA") and color_mode != "rgba":
            plain = plain.convert("RGBA" if plain.mode == "PA" or "transparency" in plain.info else "RGB")
        wanted = _PILLOW_MODES[color_mode]
        plain = plain if plain.mode == wanted else plain.convert(wanted)
        upright = plain if turn is None else plain.transpose(turn)
        pixels = np.array(upright, np.uint8)
    except PictureError:
        raise
    except _BROKEN as error:
        raise PictureError(f"is damaged ({_short(error)})") from error
    return pixels.reshape(upright.height, upright.width, COLOR_MODES[color_mode])


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the first frame, read whole; gray of 16 bits as gray of 8 bits."""
    image.load()
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image)
    if values.size and (values.min() < 0 or values.max() > 65_535):
        raise PictureError("has pixels of 32 bits; save it with 8 or 16 bits")
    return Image.fromarray((values >> 8).astype(np.uint8))


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held, from 1 to 8; 1 if that is not known or the EXIF data are damaged."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return found if isinstance(found, int) else 1


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
