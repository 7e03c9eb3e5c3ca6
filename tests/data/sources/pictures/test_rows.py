"""Pictures are decoded once into rows of one shape."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.pictures import picture_folder, zip_of
from trainer.data.sources.pictures import (
    Shaping,
    broken_pictures,
    find_pictures,
    look_through_pictures,
    picture_rows,
    refuse_broken,
)
from trainer.errors import DataError
from trainer.home import Home

SHAPING = Shaping(size=(16, 20))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets")


def test_rows_are_the_resized_pictures_in_order(folder: Path, home: Home) -> None:
    pictures = find_pictures(folder)
    rows, broken = picture_rows(pictures, SHAPING, home)
    assert not broken
    assert rows.shape == (8, 16, 20, 3)
    for index in range(8):
        assert np.array_equal(rows[np.array([index])][0], SHAPING.apply(pictures.read(index)))


def test_rows_come_in_several_blocks(folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.sources.pictures.rows._BLOCK", 3 * 16 * 20 * 3)
    pictures = find_pictures(folder)
    rows, _ = picture_rows(pictures, SHAPING, home)
    expected = [SHAPING.apply(pictures.read(index)) for index in range(8)]
    assert np.array_equal(rows[np.arange(8)], expected)


def test_content_is_decoded_once(folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = picture_rows(find_pictures(folder), SHAPING, home)

    def refuse(*of: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr("trainer.data.sources.pictures.rows.decode", refuse)
    again, broken = picture_rows(find_pictures(zip_of(folder.parent / "pets.zip", folder)), SHAPING, home)
    assert not broken
    assert np.array_equal(first[np.arange(8)], again[np.arange(8)])


def test_broken_pictures_are_listed_and_black(folder: Path, home: Home) -> None:
    for name, content in (("cat/1.png", b"not a picture"), ("dog/3.png", (folder / "dog/3.png").read_bytes()[:200])):
        (folder / name).write_bytes(content)
    pictures = find_pictures(folder)
    rows, broken = picture_rows(pictures, SHAPING, home)
    assert [(each.index, each.name) for each in broken] == [(1, "cat/1.png"), (7, "dog/3.png")]
    assert broken[0].reason.startswith("is not a picture in one of the formats JPEG, PNG")
    assert broken[1].reason.startswith("is damaged (")
    assert not rows[np.array([1, 7])].any()
    assert picture_rows(pictures, SHAPING, home)[1] == broken
    assert broken_pictures(pictures, home) == broken


def test_broken_pictures_are_known_without_rows(folder: Path, home: Home) -> None:
    (folder / "cat" / "1.png").write_bytes(b"")
    pictures = find_pictures(folder)
    assert [each.name for each in broken_pictures(pictures, home)] == ["cat/1.png"]
    with pytest.raises(DataError) as caught:
        refuse_broken(broken_pictures(pictures, home), pictures)
    assert str(caught.value) == (
        "1 picture in pets cannot be used: 'cat/1.png' is not a picture in one of the formats JPEG, PNG, GIF, BMP, "
        "WEBP, TIFF, PPM. Replace or remove it, or set `skip_broken: true`."
    )


def test_look_finds_a_broken_picture(folder: Path) -> None:
    look_through_pictures(find_pictures(folder))
    (folder / "dog" / "2.png").write_bytes(b"?")
    with pytest.raises(DataError, match=r"'dog/2\.png' is not a picture"):
        look_through_pictures(find_pictures(folder))


def test_shaping_is_part_of_the_key(folder: Path, home: Home) -> None:
    pictures = find_pictures(folder)
    gray, _ = picture_rows(pictures, Shaping(size=(16, 20), color_mode="grayscale"), home)
    area, _ = picture_rows(pictures, Shaping(size=(16, 20), interpolation="area"), home)
    plain, _ = picture_rows(pictures, SHAPING, home)
    assert gray.shape == (8, 16, 20, 1)
    assert not np.array_equal(area[np.arange(8)], plain[np.arange(8)])
