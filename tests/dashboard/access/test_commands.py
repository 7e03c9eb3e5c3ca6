"""The `fitboard person` commands, called as a shell would call them."""

import io
import json
from pathlib import Path

import pytest

from dashboard.access.commands import actions, make_person_app
from dashboard.access.deeds import write_deed
from dashboard.access.people import People, Person, Role
from trainer.cli import make_app, run_app
from trainer.home import Home

_PASSWORD = "correct horse battery"


def _call(*words: object) -> int:
    app = make_app()
    app.add_typer(make_person_app())
    app.command()(actions)
    return run_app(app, [str(word) for word in (words if words[0] == "actions" else ("person", *words))])


def test_people_are_added_changed_listed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    at = ("--home", home.path)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{_PASSWORD}\n"))
    assert _call("add", "anna", "--role", "administer", "--password-stdin", *at) == 0
    assert "Added anna, who may also delete and restore runs" in capsys.readouterr().err
    assert People.of(home).signed_in("anna", _PASSWORD) == Person("anna", Role.ADMINISTER)

    assert _call("add", "anna", "--role", "look", "--without-password", *at) == 0
    assert _call("sign-out", "anna", *at) == 0
    assert "Signed anna out everywhere." in capsys.readouterr().err
    assert People.of(home).sessions_ended("anna") > 0
    assert _call("list", "--json", *at) == 0
    assert '"role": "look"' in capsys.readouterr().out
    assert _call("rm", "anna", *at) == 0
    assert _call("list", *at) == 0
    assert "Nobody may sign in yet" in capsys.readouterr().err


def test_bad_input_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--home", tmp_path / "home")
    for given, words, sentence in [
        ("", ("add", "anna", "--password-stdin"), "The password has 0 characters"),
        ("", ("add", "anna"), "There is no terminal to type a password in"),
        ("", ("add", "anna", "--without-password", "--password-stdin"), "cannot be used with --password-stdin"),
        ("", ("add", "anna", "--role", "king"), "king"),
        ("", ("rm", "anna"), "'anna' is not in"),
    ]:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        assert _call(*words, *at) == 2
        assert sentence in capsys.readouterr().err


def test_actions_are_listed_newest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home").make()
    at = ("--home", home.path)
    assert _call("actions", *at) == 0
    assert "No actions are recorded yet" in capsys.readouterr().err
    write_deed(home, "[red]anna", "delete runs", ["a" * 32, "b", "c", "d", "e"], now=1.0)
    write_deed(home, "bob", "sign in", now=2.0)

    assert _call("actions", *at) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("bob        sign in")
    assert second.endswith(f"[red]anna  delete runs  {'a' * 32}, b, c and 2 others")
    assert _call("actions", "--person", "ANNA", "--json", *at) == 0
    assert [each["action"] for each in json.loads(capsys.readouterr().out)["actions"]] == ["delete runs"]
    assert _call("actions", "--about", "nothing", *at) == 0
    assert "No actions match." in capsys.readouterr().err


def test_changes_of_people_are_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", tmp_path / "home")
    for words in [("add", "anna", "--without-password"), ("sign-out", "anna"), ("rm", "anna")]:
        assert _call(*words, *at) == 0
    capsys.readouterr()
    assert _call("actions", "--json", *at) == 0
    found = json.loads(capsys.readouterr().out)["actions"]
    assert [(each["action"], each["subjects"]) for each in found] == [
        ("remove a person", ["anna"]),
        ("sign a person out", ["anna"]),
        ("add a person", ["anna"]),
    ]
    assert found[0]["person"].endswith(" (command line)")
