"""Uploads: checked first, kept once."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.picture_files import cuttings, picture_config, zipped
from trainer.config import Npz
from trainer.data import describe, keep_pictures, keep_table, keep_upload, load
from trainer.data.files import write_whole
from trainer.errors import DataError, ResourceError
from trainer.home import Home


def content_of(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


GOOD = content_of(x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)


def test_same_content_is_kept_once_under_its_digest(tmp_path) -> None:
    home = Home(tmp_path)
    path = keep_upload(GOOD, home=home)
    assert path == home.data / f"{hashlib.sha256(GOOD).hexdigest()}.npz"
    written = path.stat().st_mtime_ns
    assert keep_upload(GOOD, home=home) == path
    assert path.stat().st_mtime_ns == written
    assert [file.name for file in home.data.iterdir()] == [path.name]
    assert load(Npz(path=path.name), home=home).schema.samples == 20


def test_content_over_the_limit_is_refused_unread(tmp_path) -> None:
    with pytest.raises(DataError, match=r"The file is 9 bytes; uploads can be at most 8 bytes\. Enter its path"):
        keep_upload(b"not a zip", home=Home(tmp_path), limit=8)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"hello", "The file is not an .npz file"),
        (content_of(x=np.array([[np.nan], [1]]), y=np.array([0, 1])), "x in The file contains NaN"),
        (content_of(a=np.ones(3)), "The file has no array 'x'"),
    ],
)
def test_content_that_cannot_be_trained_on_is_not_kept(content: bytes, match: str, tmp_path) -> None:
    with pytest.raises(DataError, match=match):
        keep_upload(content, home=Home(tmp_path))
    assert not list(tmp_path.rglob("*.npz"))


def test_write_that_fails_leaves_nothing_behind(tmp_path) -> None:
    def fail(stream: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ResourceError, match="No space left on device"):
        write_whole(tmp_path / "file", fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Blüten 2024.npz", "Blüten 2024.npz"),
        ("../../etc/evil.npz", "evil.npz"),
        ("C:\\data\\mine.npz", "mine.npz"),
        ("a\nb?.npz", "a_b.npz"),
        ("x" * 300 + ".npz", "x" * 60 + ".npz"),
    ],
)
def test_upload_keeps_the_name_of_its_file(name: str, kept: str, tmp_path) -> None:
    home = Home(tmp_path)
    path = keep_upload(GOOD, home=home, name=name)
    assert path == home.data / hashlib.sha256(GOOD).hexdigest() / kept
    assert keep_upload(GOOD, home=home, name=name) == path
    assert describe(Npz(path=str(path)), home=home).title.endswith(".npz")


@pytest.mark.parametrize("name", ["", "..", ".npz", "///"])
def test_upload_without_a_usable_name_is_kept_under_its_digest(name: str, tmp_path) -> None:
    home = Home(tmp_path)
    assert keep_upload(GOOD, home=home, name=name).name == f"{hashlib.sha256(GOOD).hexdigest()}.npz"


def test_tables_are_kept_under_their_content_and_name(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    path = keep_table(b"x,y\n1,2\n", home=home, name="../a/My <table>.CSV")
    assert (path.name, path.parent.parent) == ("My _table.csv", home.data)
    assert keep_table(b"x,y\n1,2\n", home=home, name="My <table>.csv") == path
    assert path.read_bytes() == b"x,y\n1,2\n"
    with pytest.raises(DataError, match="is not a table; expected a file that ends with one of"):
        keep_table(b"", home=home, name="a.exe")
    with pytest.raises(DataError, match="uploads can be at most"):
        keep_table(b"12345", home=home, name="a.csv", limit=4)


def test_zip_file_of_pictures_is_kept_under_its_digest(tmp_path: Path) -> None:
    home = Home(tmp_path)
    content = zipped(cuttings(tmp_path / "own", 8)).read_bytes()
    path = keep_pictures(content, home=home, name="..\\own.ZIP")
    assert (path.name, path.read_bytes()) == ("own.zip", content)
    assert describe(picture_config(path).dataset, home=home).samples == 8
    with pytest.raises(DataError, match=r"'own\.rar' is not a zip file; expected one with a folder for each class"):
        keep_pictures(content, home=home, name="own.rar")
    with pytest.raises(DataError, match="uploads can be at most"):
        keep_pictures(content, home=home, name="own.zip", limit=4)
