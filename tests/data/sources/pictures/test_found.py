"""Pictures are found in folders, archives and by the paths of tables."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.pictures import picture, picture_folder, zip_of
from trainer.data.sources.pictures import content_digest, find_pictures, named_pictures
from trainer.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets")


def test_folder_has_its_classes_in_the_order_of_their_names(folder: Path) -> None:
    found = find_pictures(folder)
    assert found.classes == ("cat", "dog")
    assert found.names[:2] == ("cat/0.png", "cat/1.png")
    assert np.array_equal(found.labels, [0] * 4 + [1] * 4)
    assert found.read(5) == (folder / "dog" / "1.png").read_bytes()
    assert found.size == sum(file.stat().st_size for file in folder.rglob("*.png"))


def test_archive_with_a_folder_around_everything_equals_the_folder(folder: Path) -> None:
    archive, plain = find_pictures(zip_of(folder.parent / "pets.zip", folder)), find_pictures(folder)
    assert archive.classes == plain.classes
    assert np.array_equal(archive.labels, plain.labels)
    assert [archive.read(index) for index in range(8)] == [plain.read(index) for index in range(8)]
    assert content_digest(archive) == content_digest(plain)


def test_other_files_are_left_out_and_said(folder: Path) -> None:
    (folder / "readme.md").write_text("pets")
    (folder / "cat" / ".hidden.png").write_bytes(picture())
    (folder / "loose.png").write_bytes(picture())
    (folder / "cat" / "link.png").symlink_to(folder / "dog" / "0.png")
    found = find_pictures(folder)
    assert len(found) == 8
    assert found.notes == ("1 picture outside of subfolders left out.", "1 other file left out (.md: 1).")


def test_digest_changes_with_a_byte_and_with_a_name(folder: Path) -> None:
    first = content_digest(find_pictures(folder))
    (folder / "cat" / "0.png").rename(folder / "cat" / "9.png")
    renamed = content_digest(find_pictures(folder))
    (folder / "cat" / "9.png").write_bytes(picture(seed=9))
    assert len({first, renamed, content_digest(find_pictures(folder))}) == 3


def test_folder_of_parts_is_refused(tmp_path: Path) -> None:
    for part in ("train", "test"):
        picture_folder(tmp_path / "pets" / part, each=1)
    with pytest.raises(DataError, match=r"pets is divided into test, train, which would be taken for"):
        find_pictures(tmp_path / "pets")


def test_pictures_named_by_a_table_keep_its_order(folder: Path) -> None:
    names = ["dog/1.png", "cat/0.png", "dog/1.png", str(folder / "cat" / "2.png")]
    found = named_pictures(folder, names, table="labels.csv")
    assert found.names == tuple(names)
    assert found.read(0) == found.read(2)
    assert found.classes == ()
    assert len(content_digest(found)) == 64


@pytest.mark.parametrize("name", ["cat/none.png", "", "cat", "nul\0.png", "a" * 300])
def test_row_that_names_no_file_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"Row 2 of labels\.csv names the picture"):
        named_pictures(folder, ["cat/0.png", name], table="labels.csv")


def test_file_that_changes_after_it_was_found_is_refused(folder: Path) -> None:
    found = find_pictures(folder)
    (folder / "cat" / "0.png").write_bytes(b"shorter")
    with pytest.raises(DataError, match=r"'cat/0\.png' in pets changed while it was read; try again when it is"):
        found.read(0)


def test_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(DataError, match="has no pictures in subfolders; expected a subfolder for each class"):
        find_pictures(tmp_path)
