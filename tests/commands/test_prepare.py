"""`fitboard prepare`: the store and the bucket of a team before their first use."""

import json
from pathlib import Path

import pytest

from tests.support.commands import call
from trainer.commands import prepare as command
from trainer.errors import StoreUnreachableError
from trainer.home import Home
from trainer.tracking import RunQuery, open_reader


def test_store_has_its_tables_afterwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home")
    for _ in range(2):
        assert call("prepare", "--home", home.path, "--json") == 0
    printed = capsys.readouterr()
    uri = home.tracking_uri(environment={})
    document = {"store": uri, "artifact_root": home.artifacts.as_uri(), "created_bucket": False}
    assert json.loads(printed.out[: printed.out.index("}") + 1]) == document
    assert f"The store {uri} is ready." in printed.err
    assert open_reader(uri).page(RunQuery()).total == 0


def test_servers_that_start_later_are_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_PAUSE_SECONDS", 0.0)
    answers = iter([StoreUnreachableError("It does not respond."), StoreUnreachableError("Nor now."), None])

    def step() -> str:
        error = next(answers)
        if error is not None:
            raise error
        return "done"

    assert command._once_it_responds(step, 3_600) == "done"
    assert capsys.readouterr().err == "It does not respond. Retrying for 1 h.\n"


def test_server_that_does_not_respond_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = "postgresql+psycopg://me:s3cret@127.0.0.1:1/team"
    assert call("prepare", "--home", tmp_path / "home", "--tracking-uri", away) == 2
    error = capsys.readouterr().err
    assert "me:***@127.0.0.1:1/team does not respond" in error
    assert "s3cret" not in error


def test_time_that_cannot_be_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("prepare", "--home", tmp_path / "home", "--wait", "soon") == 2
    assert "'soon' is not a time limit" in capsys.readouterr().err
