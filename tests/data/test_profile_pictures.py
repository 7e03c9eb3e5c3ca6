"""The profile of a folder or an archive of pictures: classes, sizes, damage, and equal pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.pictures import encoded, picture, picture_folder, pixels, zip_of
from trainer.data.profile import Profile, profile
from trainer.data.profile.pictures import picture_samples
from trainer.data.sources.pictures import content_digest, find_pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets", each=12)


def kinds(found: Profile) -> list[tuple[str, str | None]]:
    return [(str(finding.kind), finding.column) for finding in found.findings]


def test_folder_is_profiled_by_its_classes_and_headers(folder: Path) -> None:
    (folder / "notes.md").write_text("pets")
    found = profile(folder)
    assert (found.kind, found.rows, found.files) == ("images", 24, 24)
    columns = {column.name: column for column in found.columns}
    assert list(columns) == ["image", "width", "height", "mode", "format", "class"]
    assert {each.value: each.rows for each in columns["class"].common} == {"cat": 12, "dog": 12}
    assert columns["height"].quantiles is not None
    assert (columns["height"].quantiles.minimum, columns["height"].quantiles.maximum) == (24, 26)
    assert columns["mode"].common[0].value == "RGB"
    assert found.findings == ()
    assert found.notes == ("1 other file left out (.md: 1).",)


def test_archive_has_the_profile_of_its_folder(folder: Path) -> None:
    of_folder, of_archive = profile(folder), profile(zip_of(folder.parent / "pets.zip", folder))
    assert of_archive.columns == of_folder.columns
    assert of_archive.digest == of_folder.digest == content_digest(find_pictures(folder))


def test_equal_pictures_and_similar_classes_are_found(folder: Path) -> None:
    (folder / "Cat ").mkdir()
    (folder / "Cat " / "0.png").write_bytes(picture(seed=77))
    (folder / "dog" / "copy.png").write_bytes((folder / "dog" / "3.png").read_bytes())
    assert kinds(profile(folder)) == [
        ("duplicate_rows", None),
        ("similar_labels", "class"),
        ("few_samples", "class"),
        ("imbalance", "class"),
    ]


def test_broken_pictures_are_an_error_with_a_fix(folder: Path) -> None:
    (folder / "cat" / "0.png").write_bytes((folder / "cat" / "0.png").read_bytes()[:300])
    (folder / "dog" / "0.png").write_bytes(b"no picture")
    found = profile(folder)
    assert not found.ok
    (finding,) = found.findings
    assert finding.message.startswith("2 pictures cannot be decoded: 'cat/0.png' is damaged (")
    assert "'dog/0.png' is not a picture in one of the formats" in finding.message
    assert [(edit.path, edit.value) for edit in finding.edits] == [(("dataset", "skip_broken"), True)]
    skipped = profile(folder, {"skip_broken": True})
    assert (skipped.ok, skipped.rows) == (True, 22)


def test_only_a_part_of_very_many_pictures_is_decoded_and_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.profile.pictures._DECODED", 24 * 25 * 32 // 4)
    for name in ("cat/0.png", "cat/1.png"):
        (folder / name).write_bytes((folder / name).read_bytes()[:300])
    (finding,) = profile(folder).findings
    assert finding.message.startswith("1 picture cannot be decoded: 'cat/0.png' is damaged")
    assert finding.message.endswith("Only one picture in 4 was decoded, so there may be more.")


def test_equal_picture_in_two_classes_is_found(folder: Path) -> None:
    (folder / "dog" / "0.png").write_bytes((folder / "cat" / "0.png").read_bytes())
    (finding,) = profile(folder).findings
    assert finding.kind == "several_classes"
    assert finding.message == (
        "1 picture is in several classes with equal content, such as 'cat/0.png' and 'dog/0.png'."
    )


def test_animations_are_said(folder: Path) -> None:
    first, second = (Image.fromarray(pixels(24, 24, seed=seed)) for seed in (1, 2))
    (folder / "cat" / "0.gif").write_bytes(encoded(first, "GIF", save_all=True, append_images=[second]))
    assert kinds(profile(folder)) == [("animated", None)]


def test_samples_alternate_between_classes_and_are_small(folder: Path) -> None:
    (folder / "cat" / "0.png").write_bytes(picture(400, 1_000))
    (folder / "dog" / "0.png").write_bytes(b"no picture")
    found = picture_samples(folder, 4)
    assert [(each.label, each.name) for each in found] == [
        ("cat", "0.png"),
        ("dog", "0.png"),
        ("cat", "1.png"),
        ("dog", "1.png"),
    ]
    assert found[0].pixels is not None
    assert found[0].pixels.shape == (76, 192, 3)
    assert found[0].pixels.dtype == np.uint8
    assert found[1].pixels is None
    assert found[1].reason.startswith("is not a picture")
