"""Datasets kept under names: entries, versions and what changed, copies, and what is refused."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trainer.data.library import Library, State, Version, changes, keep_copy, version_of
from trainer.data.profile import FileKind, profile
from trainer.errors import DataError, ResourceError
from trainer.home import Home

RANDOM = np.random.default_rng(3)


def frame(rows: int = 100, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": RANDOM.normal(40, 10, rows).round(1),
            "color": ["red", "blue"] * (rows // 2),
            "answer": ["yes", "no", "no", "yes"] * (rows // 4),
            **columns,
        }
    )


def version(file: Path, table: pd.DataFrame, **more: Any) -> Version:
    table.to_csv(file, index=False)
    status = file.stat()
    stamp = (status.st_size, status.st_mtime_ns)
    return version_of(profile(file), path=str(file), added=1.0, stamp=stamp, **more)


def kept(library: Library, file: Path, table: pd.DataFrame, name: str = "mine", **more: Any) -> tuple[str, ...]:
    return library.keep(name, FileKind.CSV, {"name": "csv", "path": str(file)}, version(file, table, **more))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Home(tmp_path / "home"))


def test_entries_are_found_by_name_in_their_order(library: Library, tmp_path: Path) -> None:
    for name in ("Zoo", "apples 2", "Äpfel"):
        kept(library, tmp_path / "a.csv", frame(), name=name)
    assert [entry.name for entry in library.entries()] == ["apples 2", "Zoo", "Äpfel"]
    assert library.get("apples 2").newest.rows == 100
    with pytest.raises(DataError, match="Dataset 'aples 2' not found; did you mean 'apples 2'"):
        library.get("aples 2")


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "a\0b", "x" * 61, " a"])
def test_name_that_is_special_in_paths_is_refused(name: str, library: Library, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be the name of a dataset; expected up to 60"):
        kept(library, tmp_path / "a.csv", frame(), name=name)
    assert not library.has(name)


def test_changed_file_is_a_new_version_that_says_what_changed(library: Library, tmp_path: Path) -> None:
    file, first = tmp_path / "a.csv", frame()
    assert kept(library, file, first) == ()
    second = first.assign(age=first["age"] + 20, color=["red"] * 80 + ["green"] * 20, height=1.5).drop(columns="answer")
    second = pd.concat([second, second[:50]])
    found = kept(library, file, second)
    assert found[:3] == ("50 rows more: 100 → 150.", "Added 1 column: 'height'.", "Removed 1 column: 'answer'.")
    assert found[3].startswith("Mean of column 'age': ")
    assert found[4] == "Labels of column 'color': 'red' 50.0 % → 86.7 %, 'green' 0.0 % → 13.3 %."
    assert [each.rows for each in library.get("mine").versions] == [100, 150]


def test_missing_values_and_types_that_changed_are_named(tmp_path: Path) -> None:
    first = frame()
    second = first.assign(age=first["age"].mask(np.arange(100) < 30), color=range(100))
    found = changes(version(tmp_path / "a.csv", first), version(tmp_path / "b.csv", second))
    assert "Column 'color' changed its type: text → integer." in found
    assert "Missing values of column 'age': 0.0 % → 30.0 %." in found


def test_same_content_again_is_no_new_version(library: Library, tmp_path: Path) -> None:
    table = frame()
    kept(library, tmp_path / "a.csv", table)
    assert kept(library, tmp_path / "b.csv", table) == ()
    assert [each.path for each in library.get("mine").versions] == [str(tmp_path / "b.csv")]


def test_name_of_another_kind_is_refused(library: Library, tmp_path: Path) -> None:
    kept(library, tmp_path / "a.csv", frame())
    with pytest.raises(DataError, match="is of the kind csv, but the file is parquet; choose another name"):
        library.keep("mine", FileKind.PARQUET, {"name": "parquet"}, library.get("mine").newest)


def test_state_says_whether_the_file_changed_or_is_missing(library: Library, tmp_path: Path) -> None:
    file, table = tmp_path / "a.csv", frame()
    kept(library, file, table)
    assert library.state(library.get("mine")) is State.CURRENT
    content = file.read_bytes()
    file.write_bytes(content + b"1,red,yes\n")
    assert library.state(library.get("mine")) is State.CHANGED
    file.write_bytes(content)
    assert library.state(library.get("mine")) is State.CURRENT
    file.unlink()
    assert library.state(library.get("mine")) is State.MISSING


def test_damaged_file_of_an_entry_does_not_hide_the_others(library: Library, tmp_path: Path) -> None:
    kept(library, tmp_path / "a.csv", frame())
    (tmp_path / "home" / "data" / "library" / "bad.json").write_text("{")
    assert [entry.name for entry in library.entries()] == ["mine"]


def test_copy_is_kept_once_under_its_digest(tmp_path: Path) -> None:
    home, file = Home(tmp_path / "home"), tmp_path / "a.csv"
    frame().to_csv(file)
    seen: list[tuple[int, int]] = []
    copy = keep_copy(file, home=home, progress=lambda done, total: seen.append((done, total)))
    assert copy == home.data / hashlib.sha256(file.read_bytes()).hexdigest() / "a.csv"
    assert copy.read_bytes() == file.read_bytes()
    assert seen[-1] == (file.stat().st_size, file.stat().st_size)
    written = copy.stat().st_ino
    assert keep_copy(file, home=home) == copy
    assert copy.stat().st_ino == written
    assert sorted(each.name for each in home.data.iterdir()) == [copy.parent.name]


def test_copy_of_a_folder_has_its_files(tmp_path: Path) -> None:
    home, folder = Home(tmp_path / "home"), tmp_path / "pets"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.png").write_bytes(name.encode())
    copy = keep_copy(folder, home=home)
    assert copy.parent.name == profile(folder).digest
    assert sorted(each.relative_to(copy).as_posix() for each in copy.rglob("*.png")) == ["cat/1.png", "dog/1.png"]


def test_copy_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, file = Home(tmp_path / "home"), tmp_path / "a.csv"
    frame().to_csv(file)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ResourceError, match="cannot be written \\(No space left on device\\); free disk space"):
        keep_copy(file, home=home)
    assert list(home.data.iterdir()) == []


def test_removal_leaves_the_file_and_copies_that_others_use(tmp_path: Path) -> None:
    home, file, table = Home(tmp_path / "home"), tmp_path / "a.csv", frame()
    library = Library(home)
    table.to_csv(file, index=False)
    copy = keep_copy(file, home=home)
    for name in ("one", "two"):
        kept(library, file, table, name=name, copy_path=str(copy))
    assert library.remove("one", copies=True) == 0
    assert copy.exists()
    assert library.remove("two", copies=True) == file.stat().st_size
    assert not copy.parent.exists()
    assert file.exists()
    assert library.entries() == ()


def test_removal_touches_nothing_but_copies_in_home(tmp_path: Path, library: Library) -> None:
    """The file of an entry may have been written by anybody."""
    precious = tmp_path / "precious.csv"
    precious.write_text("a\n1\n")
    kept(library, tmp_path / "a.csv", frame(), copy_path=str(precious))
    assert library.remove("mine", copies=True) == 0
    assert precious.exists()
