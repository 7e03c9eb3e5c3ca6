"""The data commands on pictures: a folder, an archive, and a table of paths."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import call
from tests.support.pictures import picture, picture_folder, zip_of
from trainer.config.datasets import Images
from trainer.data import load
from trainer.home import Home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets", each=12)


@pytest.fixture
def table(folder: Path) -> Path:
    """A table of the pictures with a column that no network needs."""
    names = sorted(file.relative_to(folder.parent).as_posix() for file in folder.rglob("*.png"))
    lines = [f"{name},{name.split('/')[1]},{place}" for place, name in enumerate(names)]
    path = folder.with_name("labels.csv")
    path.write_text("\n".join(["file,animal,number", *lines, ""]))
    return path


def answer(capsys: pytest.CaptureFixture[str], *words: object, status: int = 0) -> Any:
    found = call("data", *words, "--json")
    said = capsys.readouterr()
    assert found == status, said.err
    return json.loads(said.out)


def loaded(fields: dict[str, Any], home: Home) -> str:
    return load(Images(**fields), home=home).digest


def test_folder_and_archive_are_kept_with_the_digest_of_runs(
    folder: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = answer(capsys, "add", folder, "--home", home.path)
    archive = answer(capsys, "add", zip_of(folder.with_name("pack.zip"), folder), "--home", home.path)
    assert (kept["kind"], kept["rows"], kept["findings"]) == ("images", 24, [])
    assert kept["digest"] == archive["digest"] == loaded(kept["dataset"], home) == loaded(archive["dataset"], home)
    (folder / "cat" / "0.png").write_bytes(picture(seed=99))
    states = {each["name"]: each["state"] for each in answer(capsys, "list", "--home", home.path)["datasets"]}
    assert states == {"pets": "changed", "pack": "current"}


def test_broken_pictures_are_left_out_by_the_fix(folder: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cat" / "0.png").write_bytes(b"no picture")
    answer(capsys, "add", folder, "--home", home.path)
    assert answer(capsys, "check", "pets", "--home", home.path, status=1)["findings"][0]["kind"] == "broken_pictures"
    fixed = answer(capsys, "check", "pets", "--fix", "--home", home.path)
    assert fixed["dataset"]["skip_broken"] is True
    assert fixed["findings"] == []
    assert call("data", "show", "pets", "--home", home.path) == 0
    assert "pets: images, 23 rows" in capsys.readouterr().out


def test_table_of_pictures_has_their_sizes_and_their_problems(
    folder: Path, table: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    as_images = ("--set", "name=images", "--set", "column=file", "--target", "animal")
    (folder / "dog" / "1.png").write_bytes((folder / "dog" / "0.png").read_bytes())
    kept = answer(capsys, "add", table, *as_images, "--home", home.path)
    assert kept["digest"] == loaded(kept["dataset"], home)
    assert [each["kind"] for each in kept["findings"]] == ["duplicate_rows"]
    shown = answer(capsys, "show", "labels", "--home", home.path)
    assert [each["name"] for each in shown["columns"]] == [
        "file", "width", "height", "mode", "format", "animal", "number",
    ]  # fmt: skip
    (folder / "dog" / "1.png").write_bytes(picture(seed=5))
    assert answer(capsys, "list", "--home", home.path)["datasets"][0]["state"] == "changed"
    (folder / "dog" / "2.png").unlink()
    (finding,) = answer(capsys, "check", "labels", "--home", home.path, status=1)["findings"]
    assert "Row 17 of labels.csv names the picture 'pets/dog/2.png', which is not a file" in finding["message"]


def test_column_of_paths_is_used_as_pictures_by_the_fix(
    table: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "check", table, "--set", "target=animal", "--home", home.path)
    (finding,) = [each for each in found["findings"] if each["kind"] == "pictures"]
    assert finding["message"].startswith("Column 'file' names pictures, such as 'pets/cat/0.png'.")
    answer(capsys, "add", table, "--target", "animal", "--home", home.path)
    fixed = answer(capsys, "check", "labels", "--fix", "--home", home.path)
    assert (fixed["findings"], fixed["dataset"]["name"], fixed["dataset"]["column"]) == ([], "images", "file")
    kept = answer(
        capsys, "add", table, "--as", "images", "--set", "column=file", "--target", "animal", "--home", home.path
    )
    assert kept["dataset"]["name"] == "images"
