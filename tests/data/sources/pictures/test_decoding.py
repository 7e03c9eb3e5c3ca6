"""Pictures of every mode become pixels of three color modes by stated rules."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.support.pictures import encoded, picture, pixels
from trainer.data.sources.pictures import COLOR_MODES, PictureError, decode, measure

GRAY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
COLOR = pixels(6, 8)


def of(values: np.ndarray, mode: str | None = None) -> Image.Image:
    image = Image.fromarray(values)
    return image if mode is None else image.convert(mode)


@pytest.mark.parametrize("mode", COLOR_MODES)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_every_format_is_decoded_to_every_color_mode(form: str, mode: str) -> None:
    found = decode(encoded(of(COLOR), form), mode)
    assert found.shape == (6, 8, COLOR_MODES[mode])
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous


def test_gray_picture_has_equal_colors() -> None:
    found = decode(encoded(of(GRAY)), "rgb")
    assert np.array_equal(found, np.repeat(GRAY[..., None], 3, axis=2))


def test_colors_become_gray_by_the_weights_of_itu_r_601() -> None:
    red, green, blue = (COLOR[..., place].astype(np.int64) for place in range(3))
    expected = (19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16
    assert np.array_equal(decode(encoded(of(COLOR)), "grayscale")[..., 0], expected)


def test_transparency_is_dropped_unless_rgba_is_asked_for() -> None:
    clear = np.dstack([COLOR, np.full((6, 8), 7, np.uint8)])
    data = encoded(of(clear))
    assert np.array_equal(decode(data, "rgb"), COLOR)
    assert np.array_equal(decode(data, "rgba"), clear)
    assert (decode(encoded(of(COLOR)), "rgba")[..., 3] == 255).all()


def test_palette_keeps_its_colors_and_its_transparency() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    data = encoded(image, transparency=1)
    assert decode(data, "rgb").tolist() == [[[10, 20, 30], [40, 50, 60]]]
    assert decode(data, "rgba").tolist() == [[[10, 20, 30, 255], [40, 50, 60, 0]]]


def test_sixteen_bits_keep_their_high_byte() -> None:
    deep = (np.arange(48).reshape(6, 8) * 1_000).astype(np.uint16)
    assert np.array_equal(decode(encoded(of(deep)), "grayscale")[..., 0], deep >> 8)
    assert np.array_equal(decode(encoded(of(deep), "TIFF"), "grayscale")[..., 0], deep >> 8)


def test_one_bit_becomes_black_and_white() -> None:
    bits = (GRAY > 100).astype(bool)
    found = decode(encoded(of(bits)), "grayscale")[..., 0]
    assert np.array_equal(found, bits * np.uint8(255))


def test_cmyk_becomes_rgb() -> None:
    plain = Image.new("RGB", (16, 16), (200, 30, 90))
    found = decode(encoded(plain.convert("CMYK"), "JPEG", quality=100), "rgb")
    assert np.abs(found.astype(int) - (200, 30, 90)).max() <= 3


@pytest.mark.parametrize("held", range(1, 9))
def test_picture_is_turned_upright(held: int) -> None:
    """Each of the eight ways to hold a camera brings the same upright picture."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    image = of(COLOR)
    stored = image.transpose(undo[held]) if held in undo else image
    exif = Image.Exif()
    exif[0x0112] = held
    data = encoded(stored, exif=exif)
    assert np.array_equal(decode(data), COLOR)
    about = measure(data)
    assert (about.width, about.height) == (8, 6)


def test_damaged_orientation_leaves_the_picture_as_it_is() -> None:
    assert np.array_equal(decode(encoded(of(COLOR), exif=b"Exif\0\0MM\0*\0\0\xff")), COLOR)


def test_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decode(data) == (255, 0, 0)).all()
    assert measure(data).is_animated


def test_header_tells_the_format_whatever_the_name() -> None:
    assert measure(io.BytesIO(picture(form="JPEG"))).format == "JPEG"


def test_floats_are_refused() -> None:
    with pytest.raises(PictureError, match="has pixels that are floats; save it with 8 or 16 bits"):
        decode(encoded(of(np.ones((3, 3), np.float32)), "TIFF"))


def test_integers_of_32_bits_are_refused() -> None:
    with pytest.raises(PictureError, match="has pixels of 32 bits"):
        decode(encoded(of(np.full((3, 3), 70_000, np.int32)), "TIFF"))
