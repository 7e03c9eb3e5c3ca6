"""Commands that tag, rename, annotate, move, delete and restore runs."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.support.commands import call
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, Tag
from trainer.tracking.note import NOTE_TAG, written_part


@pytest.fixture
def ids(store: Store) -> list[str]:
    """Two ended runs of Fitboard, and a run of another program."""
    made = [
        store.create(
            config_text="name: x\n", experiment="old", name=name, tags={Tag.CONFIG_DIGEST: "a"}, params={"seed": "0"}
        )
        for name in ("one", "two")
    ]
    for run_id in made:
        store.set_status(run_id, Status.FINISHED)
    foreign: str = store.client.create_run("0", run_name="forest").info.run_id
    return [*made, foreign]


def answered(capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, object]]]:
    document: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return document


def test_tags_are_set_and_removed(home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        call("tag", *ids, ids[0], "--set", "team=a=b", "--set", "paper/figure 2=", "--json", "--home", home.path) == 0
    )
    assert [run["run_id"] for run in answered(capsys)["runs"]] == ids
    assert {store.get(each).tags["team"] for each in ids} == {"a=b"}
    assert call("tag", ids[0][:8], "--remove", "team", "--home", home.path) == 0
    assert capsys.readouterr().err == f"Tagged one ({ids[0][:8]}).\n"
    assert "team" not in store.get(ids[0]).tags
    assert store.get(ids[0]).tags["paper/figure 2"] == ""


def test_note_of_an_experiment_is_written_extended_read_and_removed(
    home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = [each for each in store.reader.experiments() if each.name == "old"]
    where = ("--experiment", "old", "--home", home.path)
    assert call("note", "--write", "# Why\n\n=1+1 <b>😀</b>", *where) == 0
    assert call("note", "--append", "More.", "--json", *where) == 0
    document = answered(capsys)
    assert document == {
        "experiment_id": old.experiment_id, "experiment": "old", "note": "# Why\n\n=1+1 <b>😀</b>\n\nMore.",
    }  # fmt: skip
    assert call("note", *where) == 0
    assert capsys.readouterr().out == "# Why\n\n=1+1 <b>😀</b>\n\nMore.\n"
    told = store.client.get_experiment(old.experiment_id).tags["mlflow.note.content"]
    assert told == "# Why\n\n=1+1 <b>😀</b>\n\nMore."
    assert call("note", "--write", "", *where) == 0
    assert "mlflow.note.content" not in store.client.get_experiment(old.experiment_id).tags


@pytest.mark.parametrize(
    "words",
    [
        ("--write", "x" * 20_001, "--experiment", "old"),
        ("--experiment", "none"),
        ("--experiment", "old", "latest"),
        (),
    ],
)
def test_note_of_no_experiment_or_too_long_is_refused(
    words: tuple[str, ...], home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("note", *words, "--home", home.path) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tag",), "There is nothing to change; give --set NAME=VALUE or --remove NAME."),
        (("tag", "--set", "team"), "must have the form NAME=VALUE, got 'team'"),
        (("tag", "--set", "fitboard.owner=x"), "is written by programs"),
        (("rename", "--to", " "), "must have a visible character"),
        (("move", "--to", "x" * 300), "at most 250 characters"),
        (("note", "--append", " "), "There is no text to add"),
        (("note", "--append", "a", "--write", "b"), "cannot be combined"),
        (("note", "--file", "/nowhere/note.md"), "cannot be read (No such file or directory)"),
        (("delete", "--permanently"), "must be confirmed; use a terminal, or give --yes"),
    ],
)
def test_wrong_input_is_one_sentence_and_changes_nothing(
    words: tuple[str, ...], said: str, home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    before = store.get(ids[0])
    assert call(words[0], ids[0], *words[1:], "--home", home.path) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert store.get(ids[0]) == before


def test_runs_are_renamed_by_number(
    home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("rename", ids[1], ids[2], "--to", "trial {n}", "--json", "--home", home.path) == 0
    assert [run["name"] for run in answered(capsys)["runs"]] == ["trial 1", "trial 2"]
    assert [store.get(each).name for each in ids] == ["one", "trial 1", "trial 2"]


def test_note_is_written_extended_read_and_taken_from_a_file(
    home: Home, store: Store, ids: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "note.md").write_text("# Kept\n")
    assert call("note", ids[0], ids[2], "--file", tmp_path / "note.md", "--home", home.path) == 0
    assert call("note", ids[0], "--append", "=1+1 <b>😀</b>", "--home", home.path) == 0
    capsys.readouterr()
    assert call("note", ids[0], "--home", home.path) == 0
    assert capsys.readouterr().out == "# Kept\n\n=1+1 <b>😀</b>\n"
    assert written_part(store.get(ids[2]).tags[NOTE_TAG]) == "# Kept"
    assert call("note", ids[0], ids[1], "--json", "--home", home.path) == 0
    assert [run["note"] for run in answered(capsys)["runs"]] == ["# Kept\n\n=1+1 <b>😀</b>", ""]
    assert call("note", ids[0], "--write", "", "--home", home.path) == 0
    assert written_part(store.get(ids[0]).tags[NOTE_TAG]) == ""


def test_ended_runs_move_and_others_are_refused_in_one_sentence(
    home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("move", *ids, "--to", "new", "--json", "--home", home.path) == 2
    document = answered(capsys)
    assert [run["experiment"] for run in document["runs"]] == ["new", "new"]
    assert [store.get(each).experiment for each in ids] == ["new", "new", "Default"]
    assert len(document["problems"]) == 1


def test_runs_are_deleted_listed_and_restored(
    home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("delete", ids[0], ids[2], "--json", "--home", home.path) == 2
    document = answered(capsys)
    assert [(run["run_id"], run["deleted"]) for run in document["runs"]] == [(ids[0], True)]
    assert "was created by another program" in str(document["problems"][0])
    assert call("runs", "--deleted", "--json", "--home", home.path) == 0
    assert [run["run_id"] for run in answered(capsys)["runs"]] == [ids[0]]
    assert call("restore", ids[0][:8], "--home", home.path) == 0
    assert capsys.readouterr().err == f"Restored one ({ids[0][:8]}).\n"
    assert not store.get(ids[0]).deleted


def test_run_is_removed_permanently_after_one_question(
    home: Home, store: Store, ids: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.delete(ids[0])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, **_: False)
    assert call("delete", ids[0][:8], "--permanently", "--home", home.path) == 1
    said = capsys.readouterr().err
    assert "This permanently deletes 1 run with 1 file (artifacts, models and checkpoints) and frees 8 bytes." in said
    assert said.endswith("Nothing was deleted.\n")
    assert call("delete", *ids, "--permanently", "--yes", "--json", "--home", home.path) == 2
    document = answered(capsys)
    assert [run["run_id"] for run in document["runs"]] == ids[:2]
    assert store.reader.page(RunQuery(deleted=True)).total == 0
    assert [run.run_id for run in store.reader.page(RunQuery()).runs] == [ids[2]]
