"""Where the file of a person's own dataset is looked for, and what a run records of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.commands import SMALL, call
from trainer.home import Home


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a config in another one."""
    here = tmp_path / "here"
    for each in (here, tmp_path / "configs", tmp_path / "person"):
        each.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    return here


def _config(tmp_path: Path, path: str) -> Path:
    file = tmp_path / "configs" / "config.yaml"
    file.write_text(SMALL.replace("{name: digits}", f"{{name: npz, path: {json.dumps(path)}}}"))
    return file


def _save(file: Path) -> Path:
    np.savez(file, x=np.arange(200.0).reshape(50, 4), y=np.arange(50) % 2)
    return file


def _recorded(home: Home, capsys: pytest.CaptureFixture[str]) -> str:
    """The dataset's path in the newest run's config."""
    capsys.readouterr()
    assert call("export", "latest", "--home", home.path) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "path:" in line)
    return line.partition("path: ")[2].rstrip("}").split(",")[0].strip("'\"")


@pytest.mark.parametrize(
    ("path", "saved"),
    [
        ("~/x.npz", "person/x.npz"),
        ("kept.npz", "home/data/kept.npz"),
        ("beside.npz", "configs/beside.npz"),
    ],
)
def test_file_is_found_from_a_persons_home_homes_data_and_the_configs_folder(
    path: str, saved: str, home: Home, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _save(tmp_path / saved)
    assert call("train", _config(tmp_path, path), "--queue", "--home", home.path) == 0, capsys.readouterr().err
    assert _recorded(home, capsys) == str(file)


def test_configs_folder_comes_before_homes_data_and_names_what_is_missing(
    home: Home, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _config(tmp_path, "both.npz")
    assert call("train", config, "--queue", "--home", home.path) == 2
    assert f"File {config.parent / 'both.npz'} not found;" in capsys.readouterr().err
    _save(home.data / "both.npz")
    beside = _save(config.parent / "both.npz")
    assert call("train", config, "--queue", "--home", home.path) == 0
    assert _recorded(home, capsys) == str(beside)


def test_samples_that_are_no_numbers_are_refused_before_anything_is_queued(
    home: Home, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = np.ones((50, 4))
    x[30, 1] = np.inf
    np.savez(tmp_path / "configs" / "holes.npz", x=x, y=np.arange(50) % 2)
    assert call("train", _config(tmp_path, "holes.npz"), "--queue", "--home", home.path) == 2
    assert "x in holes.npz contains NaN or infinity, first in sample 30;" in capsys.readouterr().err
    call("runs", "--json", "--home", home.path)
    assert json.loads(capsys.readouterr().out)["total"] == 0


@pytest.mark.parametrize("setting", ["dataset.path=ok.npz", "dataset={name: npz, path: ok.npz}"])
def test_relative_path_of_a_setting_is_recorded_whole(
    setting: str, home: Home, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _save(folder / "ok.npz")
    _save(tmp_path / "configs" / "first.npz")
    words = ("--queue", "--set", setting, "--home", home.path)
    assert call("train", _config(tmp_path, "first.npz"), *words) == 0
    assert _recorded(home, capsys) == str(file)
    assert call("train", _config(tmp_path, "first.npz"), "--queue", "--home", home.path) == 0
    assert call("rerun", "latest", *words) == 0
    assert _recorded(home, capsys) == str(file)


def test_rerun_keeps_the_recorded_path(
    home: Home, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _save(tmp_path / "configs" / "first.npz")
    assert call("train", _config(tmp_path, "first.npz"), "--queue", "--home", home.path) == 0
    monkeypatch.chdir(tmp_path)
    assert call("rerun", "latest", "--queue", "--set", "epochs=3", "--home", home.path) == 0
    assert _recorded(home, capsys) == str(file)


def test_paths_and_words_that_are_not_utf8_are_refused_in_one_sentence(
    folder: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    other = folder / "\udcff"
    other.mkdir()
    (other / "config.yaml").write_text(SMALL.replace("{name: digits}", "{name: npz, path: a.npz}"))
    _save(other / "a.npz")
    for words in (
        ("check", other / "config.yaml", "--home", home.path),
        ("train", other / "config.yaml", "--queue", "--home", home.path),
        ("runs", "--home", other / "home"),
        ("show", "\udcff\udcff\udcff\udcff", "--home", home.path),
    ):
        assert call(*words) == 2
        said = capsys.readouterr().err
        assert len(said.strip().splitlines()) == 1
        assert (
            "is not valid UTF-8; " in said
            or "cannot be used (its path is not valid UTF-8); " in said
            or "is not a run id; " in said
        )
    assert not (other / "home").exists()
