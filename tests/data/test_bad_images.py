"""Malformed pictures and archives from a seeded fuzzer: each is decoded, or refused in one sentence."""

import io
import random
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.data.test_fuzzed_files import check_refusal, cut, flipped, repeated, zeros
from tests.support.pictures import encoded, picture, picture_folder, zip_of
from trainer.data.profile import profile
from trainer.data.sources.pictures import (
    PictureError,
    Shaping,
    broken_pictures,
    decode,
    find_pictures,
    look_through_pictures,
    measure,
    picture_rows,
    refuse_broken,
)
from trainer.errors import DataError, FitboardError
from trainer.home import Home

QUICK, ALL = 140, 500
FORMS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
MUTATIONS = (cut, flipped, repeated, zeros)


def good(chance: random.Random, form: str) -> bytes:
    mode = chance.choice(MODES)
    image = Image.open(io.BytesIO(picture(12, 15, seed=chance.randrange(100))))
    image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 255) if mode == "I;16" else image
    options = {"exif": bytes([*b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0", chance.randrange(9), *b"\0\0"])}
    try:
        return encoded(image if mode == "I;16" else image.convert(mode), form, **options)
    except (OSError, KeyError, ValueError):  # the format has no such mode
        return encoded(image.convert("RGB"), form)


def png(width: int, height: int, *, body: bytes = b"", color: int = 2) -> bytes:
    """A PNG with this header, and as compressed pixels whatever `body` is."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def decoded_or_said(content: bytes, mode: str) -> Any:
    try:
        return decode(content, mode)
    except PictureError as error:
        return str(error)


@pytest.mark.parametrize(
    "seeds",
    [range(QUICK), pytest.param(range(QUICK, ALL), marks=pytest.mark.slow)],
    ids=["quick", "all"],
)
def test_malformed_picture_is_decoded_or_broken(seeds: range) -> None:
    threads = threading.active_count()
    for seed in seeds:
        chance = random.Random(seed)
        form = FORMS[seed % len(FORMS)]
        content = good(chance, form)
        for mutate in chance.choices(MUTATIONS, k=1 + seed % 3):
            content = mutate(chance, content) or b"\0"
        for mode, channels in (("rgb", 3), ("grayscale", 1)):
            found = decoded_or_said(content, mode)
            is_said = isinstance(found, str) and bool(found) and "\n" not in found
            assert is_said or found.shape[2] == channels, f"seed {seed}, {form}"
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (png(60_000, 60_000), r"has (60,000 × 60,000 pixels, )?more than 89,478,485( pixels)?"),
        (png(10_000, 9_500), r"has 10,000 × 9,500 pixels, more than 89,478,485|has more than 89,478,485 pixels"),
        (png(40, 40, body=b"\0" * 20), r"is damaged \(image file is truncated"),
        (png(0, 5), "is "),
        (b"", "is not a picture in one of the formats JPEG, PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
        (b"hello", "is not a picture"),
    ],
    ids=["huge", "large", "short", "no width", "empty", "EPS", "SVG", "text"],
)
def test_picture_that_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        decode(content)


def test_wrong_extension_is_no_obstacle(tmp_path: Path, home: Home) -> None:
    folder = picture_folder(tmp_path / "pets", each=2)
    (folder / "cat" / "0.png").rename(folder / "cat" / "0.jpg")
    assert not broken_pictures(find_pictures(folder), home)


NOTHING = r"bad\.zip .*(no pictures|without pictures)"
ARCHIVES: dict[str, tuple[Callable[[Path], object], str]] = {
    "outside": (
        lambda path: zip_of(path, {"cat/0.png": picture(), "../../dog/1.png": picture()}),
        r"bad\.zip contains '\.\./\.\./dog/1\.png', which lies outside of it; make the archive again from a folder\.",
    ),
    "absolute": (lambda path: zip_of(path, {"/cat/0.png": picture()}), r"contains '/cat/0\.png', which lies outside"),
    "drive": (lambda path: zip_of(path, {"C:/cat/0.png": picture()}), r"contains 'C:/cat/0\.png', which lies outside"),
    "nested": (
        lambda path: zip_of(path, {"cat/inner.zip": b"PK"}),
        NOTHING,
    ),
    "empty": (lambda path: zip_of(path, {}), NOTHING),
    "bomb": (lambda path: _bomb(path), r"bad\.zip would grow to .* or more \('cat/0\.bmp'\), which no archive of"),
    "encrypted": (lambda path: _encrypted(path), r"bad\.zip is encrypted \('cat/0\.png'\); save it without a password"),
    "link": (lambda path: _link(path), NOTHING),
    "cut": (lambda path: _cut(path), r"bad\.zip is not a complete archive \(.*\); copy or save it again\."),
    "crowd": (lambda path: _crowd(path), r"bad\.zip contains 200,001 files, more than 200,000; make several of it\."),
    "damaged": (lambda path: _damaged(path), r"'cat/0\.png' in bad\.zip cannot be read \(.*\); save the archive again"),
}


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/0.bmp", b"BM" + b"\0" * 30_000_000)


def _encrypted(path: Path) -> None:
    content = bytearray(zip_of(path, {"cat/0.png": picture()}).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + flags] |= 1
    path.write_bytes(content)


def _link(path: Path) -> None:
    link = zipfile.ZipInfo("cat/0.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")


def _cut(path: Path) -> None:
    path.write_bytes(zip_of(path, {"cat/0.png": picture()}).read_bytes()[:-30])


def _crowd(path: Path) -> None:
    """An archive whose end says that it has many members, so that nothing but the end needs to be read."""
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 200_001, 200_001, 0, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    path.write_bytes(end + locator + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0, 0, 0))


def _damaged(path: Path) -> None:
    content = bytearray(zip_of(path, {"cat/0.png": picture(), "dog/0.png": picture()}).read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)


def _read_whole(path: Path, home: Home) -> None:
    found = find_pictures(path)
    look_through_pictures(found)
    refuse_broken(picture_rows(found, Shaping(size=(8, 8)), home)[1], found)


@pytest.mark.parametrize("name", ARCHIVES)
def test_malformed_archive_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    make, words = ARCHIVES[name]
    path, home = tmp_path / "bad.zip", Home(tmp_path / "home")
    make(path)
    for read in (lambda: _read_whole(path, home), lambda: profile(path)):
        with pytest.raises(DataError, match=words) as caught:
            read()
        check_refusal(caught.value, name)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 120), marks=pytest.mark.slow)], ids=str)
def test_mutated_archive_is_profiled_or_refused(seeds: range, tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "good.zip", picture_folder(tmp_path / "pets", each=2)).read_bytes()
    for seed in seeds:
        chance = random.Random(seed)
        path = tmp_path / "bad.zip"
        path.write_bytes(chance.choice(MUTATIONS)(chance, archive))
        for read in (lambda path=path: _read_whole(path, Home(tmp_path / "home")), lambda path=path: profile(path)):
            try:
                read()
            except FitboardError as error:
                check_refusal(error, f"seed {seed}")


def test_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\); check its permissions\."):
        find_pictures(tmp_path)


def test_picture_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_pictures(picture_folder(tmp_path / "pets", each=1))

    def refuse(path: str, *how: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(DataError, match=r"'cat/0\.png' in pets cannot be read \(Permission denied\); check its perm"):
        found.read(0)


def test_header_of_a_damaged_picture_is_refused() -> None:
    with pytest.raises(PictureError):
        measure(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
