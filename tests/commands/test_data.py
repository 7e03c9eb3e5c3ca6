"""The data commands: adding, listing, showing, checking and removing files of one's own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.commands import SMALL, call
from tests.support.series_files import sales
from trainer.config import load_config
from trainer.data import load
from trainer.home import Home

ROWS = 120
RANDOM = np.random.default_rng(1)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with row numbers, which should be ignored, and a column with -999 for missing."""
    file = tmp_path / "flowers.csv"
    size = RANDOM.normal(50, 10, ROWS).round(2)
    size[:5] = -999
    kind = RANDOM.choice(["rose", "tulip"], ROWS)
    pd.DataFrame({"row": range(ROWS), "size": size, "width": RANDOM.normal(5, 1, ROWS), "kind": kind}).to_csv(
        file, index=False
    )
    return file


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    file = tmp_path / "arrays.npz"
    np.savez(file, x=RANDOM.normal(size=(ROWS, 3)), y=np.arange(ROWS) % 2)
    return file


def answer(capsys: pytest.CaptureFixture[str], *words: object, status: int = 0) -> Any:
    found = call("data", *words, "--json")
    said = capsys.readouterr()
    assert found == status, said.err
    return json.loads(said.out)


def test_file_is_shown_without_being_kept(table: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "show", table, "--home", home.path)
    assert (found["kind"], found["rows"]) == ("csv", ROWS)
    assert [each["name"] for each in found["columns"]] == ["row", "size", "width", "kind"]
    assert call("data", "show", table, "--home", home.path) == 0
    shown = capsys.readouterr().out
    assert "flowers.csv: csv, 120 rows" in shown
    assert "utf-8, delimiter comma, decimal sign ." in shown
    assert call("data", "list", "--home", home.path) == 0
    assert "No datasets are kept yet; `fitboard data add FILE` adds one." in capsys.readouterr().err


def test_problems_have_evidence_and_fixes(table: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "check", table, "--set", "target=kind", "--home", home.path)
    assert [each["kind"] for each in found["findings"]] == ["identifier", "coded_missing"]
    settings = ("--set", "target=kind", "--set", "columns.row=ignore", "--set", "missing=[-999]")
    assert answer(capsys, "check", table, *settings, "--home", home.path)["findings"] == []
    assert call("data", "check", table, "--set", "target=missing", "--home", home.path) == 1
    assert "error: The table has no column 'missing'; choose another target." in capsys.readouterr().out


def test_table_is_added_fixed_and_trained_on(table: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("data", "add", table, "--home", home.path) == 2
    said = capsys.readouterr().err
    assert "The column to predict is missing; give it with --target: one of row, size, width, kind." in said
    added = answer(capsys, "add", table, "--target", "kind", "--home", home.path)
    assert [each["kind"] for each in added["findings"]] == ["identifier", "coded_missing"]
    fixed = answer(capsys, "check", "flowers", "--fix", "--home", home.path)
    assert (fixed["ok"], fixed["fixed"], fixed["findings"]) == (True, 2, [])
    assert fixed["dataset"]["columns"] == {"row": "ignore"}
    assert fixed["dataset"]["missing"] == ["-999"]
    config = table.parent / "config.yaml"
    layers = [{"layer": "Dense", "units": 2}]
    config.write_text(json.dumps(load_config(SMALL).short() | {"layers": layers, "dataset": fixed["dataset"]}))
    assert answer(capsys, "check", config, "--home", home.path)["findings"] == []
    splits = load(load_config(config.read_bytes()).dataset, home=home)
    assert splits.schema.feature_names[:1] == ("size",)
    assert "row" not in splits.schema.raw_names


def test_arrays_are_added_listed_and_removed(arrays: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    added = answer(capsys, "add", arrays, "--name", "mine", "--home", home.path)
    assert (added["name"], added["rows"], added["version"], added["changes"]) == ("mine", ROWS, 1, [])
    np.savez(arrays, x=RANDOM.normal(size=(ROWS + 10, 3)), y=np.arange(ROWS + 10) % 2)
    (listed,) = answer(capsys, "list", "--home", home.path)["datasets"]
    assert (listed["name"], listed["kind"], listed["state"]) == ("mine", "npz", "changed")
    again = answer(capsys, "add", arrays, "--name", "mine", "--home", home.path)
    assert (again["version"], again["changes"]) == (2, ["10 rows more: 120 → 130."])
    shown = answer(capsys, "show", "mine", "--home", home.path)
    assert [each["changes"] for each in shown["versions"]] == [[], ["10 rows more: 120 → 130."]]
    assert answer(capsys, "rm", "mine", "--home", home.path) == {"name": "mine", "freed_bytes": 0}
    assert answer(capsys, "list", "--home", home.path) == {"datasets": []}
    assert arrays.exists()


def test_copy_outlives_its_file(arrays: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    added = answer(capsys, "add", arrays, "--copy", "--home", home.path)
    arrays.unlink()
    assert added["dataset"]["path"].startswith(str(home.data))
    assert answer(capsys, "list", "--home", home.path)["datasets"][0]["state"] == "current"
    assert answer(capsys, "rm", "arrays", "--copies", "--home", home.path)["freed_bytes"] > 0


def test_config_is_checked_by_its_file(arrays: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    config = arrays.parent / "config.yaml"
    config.write_text(SMALL.replace("{name: digits}", "{name: npz, path: arrays.npz}"))
    assert answer(capsys, "check", config, "--home", home.path)["ok"]
    config.write_text(SMALL)
    assert call("data", "check", config, "--home", home.path) == 2
    assert "uses the dataset digits, which has no file to profile" in capsys.readouterr().err


def test_table_is_added_as_a_series_and_stays_one(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sales(tmp_path / "sales.csv")
    fields = ("--set", "time=day", "--set", "id=store", "--set", "past=6", "--set", "columns.receipt=ignore")
    found = answer(capsys, "add", path, "--as", "series", "--target", "sold", *fields, "--home", home.path)
    assert found["kind"] == found["dataset"]["name"] == "series"
    assert [each["kind"] for each in found["findings"]] == ["target", "series"]
    sales(path, days=70)
    again = answer(capsys, "add", path, "--home", home.path)
    assert again["version"] == 2
    assert again["dataset"] == found["dataset"]
    [listed] = answer(capsys, "list", "--home", home.path)["datasets"]
    assert listed["kind"] == "series"
    fixed = answer(capsys, "check", "sales", "--fix", "--home", home.path)
    assert fixed["dataset"]["gaps"] == "split"
    assert call("data", "add", path, "--as", "npz", "--name", "x", "--home", home.path) != 0
    assert "--as expects series, text or images, got 'npz'." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nothing"), "'nothing' is neither a kept dataset nor a file or folder"),
        (("rm", "nothing"), "Dataset 'nothing' not found"),
        (("add", "nothing.csv"), "'nothing.csv' is neither a kept dataset nor a file or folder"),
        (("check", ".", "--fix"), "contains neither images nor texts"),
        (("add", "arrays.npz", "--name", "../x"), "'../x' cannot be the name of a dataset"),
        (("show", "arrays.npz", "--set", "target"), "The setting 'target' has no value; expected field=value"),
        (("check", "arrays.npz", "--set", "splitt=3"), "dataset.splitt: unknown field"),
        (("check", "arrays.npz", "--fix"), "--fix changes a kept dataset, and 'arrays.npz' is not one"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: tuple[str, ...],
    said: str,
    arrays: Path,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (arrays.parent / "empty").mkdir()
    monkeypatch.chdir(arrays.parent / "empty" if words[1] == "." else arrays.parent)
    assert call("data", *words, "--home", home.path) == 2
    assert said in capsys.readouterr().err
