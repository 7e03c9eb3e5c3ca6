"""Files that arrive in pieces: kept once under their digest, or not at all."""

import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.pictures import zip_of
from trainer.data.library import Arrival
from trainer.data.library.arrivals import plain_name
from trainer.data.profile import content_of
from trainer.errors import DataError, ResourceError
from trainer.home import Home


class _Usage(NamedTuple):
    free: int


def test_file_in_pieces_is_kept_under_its_digest(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with Arrival("table.csv", home=home, size=8) as arrival:
        arrival.write(b"a,b\n")
        arrival.write(b"1,2\n")
        path = arrival.keep()
    assert path == home.data / hashlib.sha256(b"a,b\n1,2\n").hexdigest() / "table.csv"
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert [each.name for each in home.data.iterdir()] == [path.parent.name]


def test_file_that_is_cut_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with Arrival("table.csv", home=home, size=8) as arrival:
        arrival.write(b"a,b\n")
        with pytest.raises(DataError, match=r"Only 4 of 8 bytes of table\.csv arrived; upload the file again"):
            arrival.keep()
    assert list(home.data.iterdir()) == []


def test_file_larger_than_the_disk_is_refused_before_it_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(free=200_000_000))
    with pytest.raises(ResourceError, match=r"big\.csv is 5\.0 GB, but the disk of the home has 200 MB left"):
        Arrival("big.csv", home=Home(tmp_path / "home"), size=5_000_000_000)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\table.csv", "table.csv"),
        ("my table (2).csv", "my table (2).csv"),
        ("größe?.csv", "größe_.csv"),
        (".hidden", "hidden"),
        ("...", "file"),
        ("", "file"),
        (f"{'x' * 300}.parquet", f"{'x' * 72}.parquet"),
    ],
)
def test_name_is_safe_in_a_path(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def arrived_folder(home: Home, members: dict[str, bytes], tmp_path: Path) -> Path:
    content = zip_of(tmp_path / "sent.zip", members).read_bytes()
    with Arrival("pets.zip", home=home, size=len(content)) as arrival:
        arrival.write(content)
        return arrival.keep_folder()


def test_folder_is_unpacked_and_kept_under_the_digest_of_its_content(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    path = arrived_folder(home, {"cat/a.txt": b"meow", "dog/b.txt": b"woof", ".hidden": b"?"}, tmp_path)
    assert path == home.data / content_of(path).digest / "pets"
    assert {file.relative_to(path).as_posix() for file in path.rglob("*.txt")} == {"cat/a.txt", "dog/b.txt"}
    assert [each.name for each in path.parent.iterdir()] == ["pets"]
    assert arrived_folder(home, {"cat/a.txt": b"meow", "dog/b.txt": b"woof"}, tmp_path) == path
    assert [each.name for each in home.data.iterdir()] == [path.parent.name]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../cat/a.txt": b"?"}, r"contains '\.\./cat/a\.txt', which lies outside of it"),
        ({"a": b"?", "a/b": b"?"}, r"cannot be written"),
        ({}, "pets contains no files to keep"),
    ],
    ids=["outside", "conflict", "empty"],
)
def test_folder_that_cannot_be_unpacked_leaves_nothing(members: dict[str, bytes], words: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises((DataError, ResourceError), match=words):
        arrived_folder(home, members, tmp_path)
    assert list(home.data.iterdir()) == []
    assert not (tmp_path / "cat").exists()
