"""Texts in files and folders: how they are read, and what is said about those that cannot be."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.text_files import reviews, text_config
from trainer.data import changed_at, describe, load, preview
from trainer.errors import DataError
from trainer.home import Home


def test_folder_gives_the_samples_of_a_table_with_the_same_texts(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    of_table = load(text_config(reviews(tmp_path / "own.csv")).dataset, home=home)
    of_folder = load(text_config(reviews(tmp_path / "own")).dataset, home=home)
    assert of_folder.schema.class_names == of_table.schema.class_names == ("bad", "good")
    texts = {text for part in of_folder.raw.values() for text in part.shown()[:, 0]}
    assert texts | {""} == {text for part in of_table.raw.values() for text in part.shown()[:, 0]}
    assert not any(text.startswith(("\ufeff", " ")) or text.endswith("\n") for text in texts)
    assert "1 text is empty." in of_table.notes
    shown = preview(text_config(tmp_path / "own").dataset, home=home, count=3)
    assert shown is not None
    assert shown.x.shape == (3, 1)


def test_every_change_in_a_folder_is_another_content(tmp_path: Path) -> None:
    home, folder = Home(tmp_path / "home"), reviews(tmp_path / "own")
    dataset = text_config(folder).dataset
    first, file = load(dataset, home=home), next((folder / "good").glob("*.txt"))
    file.write_text("lovely", encoding="utf-8")
    second, before = load(dataset, home=home), changed_at(dataset, home=home)
    assert len({first.digest, second.digest}) == 2
    file.unlink()
    assert describe(dataset, home=home).samples == 89
    assert changed_at(dataset, home=home) >= before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad/a.txt", b"\xff\xfe\x00caf\xe9", r"bad/a\.txt in own is not valid utf-8 \(byte 0\); set the encoding"),
        (None, b"", r"own has no \.txt files in folders; expected a folder of texts for each class"),
        ("only/a.txt", b"x", r"'class' in own contains only one class \(only\)"),
    ],
)
def test_unusable_folder_is_refused_in_a_sentence(
    name: str | None, content: bytes, message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    if name:
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(content)
        (folder / "bad" / "b.txt").parent.mkdir(exist_ok=True)
        if name.startswith("bad"):
            (folder / "bad" / "b.txt").write_text("x")
        else:
            (folder / "bad").rmdir()
    with pytest.raises(DataError, match=message):
        load(text_config(folder).dataset, home=Home(tmp_path / "home"))


def test_unknown_column_and_encoding_are_refused_in_a_sentence(tmp_path: Path) -> None:
    home, path = Home(tmp_path / "home"), reviews(tmp_path / "own.csv")
    with pytest.raises(DataError, match=r"own\.csv has no column 'reviews' for column; did you mean 'review'\?"):
        load(text_config(path, column="reviews").dataset, home=home)
    with pytest.raises(DataError, match=r"'label' is the target of own\.csv, so it has no other use"):
        load(text_config(path, column="label").dataset, home=home)
    with pytest.raises(DataError, match="'utf-9' is not a known encoding"):
        load(text_config(reviews(tmp_path / "own"), encoding="utf-9").dataset, home=home)


def test_latin_texts_are_read_in_their_encoding(tmp_path: Path) -> None:
    for kind in ("a", "b"):
        (tmp_path / "own" / kind).mkdir(parents=True)
        for place in range(6):
            (tmp_path / "own" / kind / f"{place}.txt").write_bytes(f"größe {place}".encode("cp1252"))
    splits = load(text_config(tmp_path / "own", encoding="cp1252").dataset, home=Home(tmp_path / "home"))
    assert splits.details["encoding"] == "cp1252"
    assert all(
        text.startswith("größe") for text in np.concatenate([part.shown()[:, 0] for part in splits.raw.values()])
    )
