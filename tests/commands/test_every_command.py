"""What all commands have in common: where they work, how they answer, and what they refuse."""

import json
import os
from pathlib import Path

import pytest
import typer

from dashboard.cli import dashboard, up
from tests.support.commands import SMALL, call
from trainer.cli import make_app
from trainer.home import Home
from trainer.tracking import Owner, Progress, Status, Store, Tag

_SERVERS = {"up", "dashboard", "worker"}
"""They run until they are ended, and answer nothing."""

_NEED_A_STORE = (
    ("runs",),
    ("show", "latest"),
    ("stop", "latest"),
    ("queue",),
    ("cluster",),
    ("rerun", "latest", "--queue"),
    ("verify", "latest", "latest"),
    ("resume", "latest"),
    ("adopt", "latest"),
    ("export", "latest"),
    ("tag", "latest", "--set", "a=b"),
    ("rename", "latest", "--to", "a"),
    ("note", "latest"),
    ("move", "latest", "--to", "a"),
    ("delete", "latest"),
    ("restore", "latest"),
)


def _options() -> dict[str, set[str]]:
    app = make_app()
    app.command()(up)
    app.command()(dashboard)
    commands = typer.main.get_group(app).commands
    found = {}
    for name, command in commands.items():
        inner = {f"{name} {each}": one for each, one in getattr(command, "commands", {}).items()} or {name: command}
        found |= {each: {opt for param in one.params for opt in param.opts} for each, one in inner.items()}
    return found


@pytest.mark.parametrize("name", sorted(_options()))
def test_command_takes_a_home_and_a_store_and_answers_in_json(name: str) -> None:
    options = _options()[name]
    assert {"--home", "--tracking-uri"} <= options
    assert ("--json" in options) is (name not in _SERVERS)


@pytest.fixture
def run_id(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A queued run of `home`."""
    (tmp_path / "config.yaml").write_text(SMALL)
    assert call("train", tmp_path / "config.yaml", "--queue", "--home", home.path) == 0
    return capsys.readouterr().out.strip()


def test_stop_and_resume_answer_with_the_runs_status(
    home: Home, run_id: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.execution.control.resume.has_checkpoint", lambda folder: True)
    assert call("stop", run_id, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": run_id, "status": "KILLED"}
    assert call("resume", run_id, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": run_id, "status": "SCHEDULED"}


def test_adopt_answers_with_the_runs_status(
    home: Home, run_id: str, store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.execution.control.resume._SECOND_LOOK_SECONDS", 0.0)
    owner = Owner(host="elsewhere", boot="b", pid=1, started=1.0)
    store.set_status(run_id, Status.RUNNING)
    store.set_tags(run_id, {Tag.OWNER: owner.dumps(), Tag.PROGRESS: Progress(time=1.0).dumps()})
    status = call("adopt", run_id, "--json", "--home", home.path)
    said = capsys.readouterr()
    assert status == 0, said.err
    assert json.loads(said.out) == {"run_id": run_id, "status": "SCHEDULED"}


def test_export_answers_with_its_file_or_its_text(
    home: Home, run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out.yaml"
    assert call("export", run_id, "--output", file, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": run_id, "format": "config", "path": str(file)}
    assert file.read_text() == SMALL
    assert call("export", run_id, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": run_id, "format": "config", "path": None, "text": SMALL}


@pytest.mark.parametrize("to", ["config", "script"])
def test_export_refuses_to_replace_what_is_no_regular_file(
    home: Home, run_id: str, to: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, target, link = (tmp_path / name for name in ("pipe", "target", "link"))
    os.mkfifo(pipe)
    link.symlink_to(target)
    for refused in (pipe, tmp_path, os.devnull):
        assert call("export", run_id, "--to", to, "-o", refused, "--home", home.path) == 2
        assert f"{refused} is " in capsys.readouterr().err
    assert pipe.is_fifo()
    assert call("export", run_id, "--to", to, "-o", link, "--home", home.path) == 0
    assert link.is_symlink()
    assert target.read_text()


def test_recipe_answers_with_its_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("recipes", "quickstart-digits", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "quickstart-digits"
    assert "layers:" in found["config"]


@pytest.mark.parametrize("words", [*_NEED_A_STORE, ("datasets",), ("recipes",), ("doctor",)], ids=" ".join)
@pytest.mark.parametrize("bad", ["file", "file/home", "n" * 300, "~nobody-of-that-name/home"])
def test_home_that_cannot_be_is_refused(
    words: tuple[str, ...], bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert call(*words, "--home", bad if bad.startswith("~") else tmp_path / bad) == 2
    said = capsys.readouterr().err
    assert "cannot be used (" in said
    assert said.endswith("choose another with --home or FITBOARD_HOME.\n")


@pytest.mark.parametrize("words", _NEED_A_STORE, ids=" ".join)
@pytest.mark.parametrize("file", ["typo.db", "nowhere/mlflow.db"])
def test_named_store_that_is_not_there_is_refused(
    words: tuple[str, ...], file: str, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words, "--home", home.path, "--tracking-uri", f"sqlite:///{tmp_path / file}") == 2
    assert f"Store {tmp_path / file} not found; give another" in capsys.readouterr().err
    assert not (tmp_path / file).exists()


def test_home_that_is_not_there_yet_has_no_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("runs", "--json", "--home", tmp_path / "new") == 0
    assert json.loads(capsys.readouterr().out) == {"runs": [], "total": 0}
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_train_makes_a_named_store(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text(SMALL)
    uri = f"sqlite:///{tmp_path / 'new.db'}"
    assert call("train", tmp_path / "config.yaml", "--queue", "--home", home.path, "--tracking-uri", uri) == 0
    assert (tmp_path / "new.db").is_file()


def test_names_of_other_programs_stay_on_one_line_without_control_characters(
    home: Home, run_id: str, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.client.set_tag(run_id, "mlflow.runName", "line\nbreak\x1b[31m")
    store.set_status(run_id, Status.FINISHED)
    for words in (("runs",), ("show", run_id)):
        assert call(*words, "--home", home.path) == 0
        said = capsys.readouterr().out
        assert "line break [31m" in said
        assert "\x1b" not in said
