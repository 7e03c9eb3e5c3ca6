"""What doctor finds."""

import json
import os

import pytest

from tests.support.commands import call
from trainer.commands.doctor import Finding, diagnose
from trainer.commands.options import Place
from trainer.execution.lock import FileLock
from trainer.home import Home


def _finding(home: Home, uri: str, what: str) -> Finding:
    """The finding of that name; those behind it, which load TensorFlow, are not asked for."""
    return next(each for each in diagnose(Place.of(home.path, uri)) if each.what == what)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, "none"),
        ({"pid": os.getpid(), "is_prepared": False}, f"process {os.getpid()} is being prepared and uses "),
        ({"pid": os.getpid(), "is_prepared": True}, f"process {os.getpid()} is ready for the next run and uses "),
    ],
    ids=["none", "being prepared", "ready"],  # a process's id in a test's name would differ in every worker of pytest
)
def test_standby_of_the_worker_is_shown(home: Home, uri: str, said: object, told: str) -> None:
    with FileLock(home.worker_lock).held({"state": "ready", "standby": said}, ""):
        found = _finding(home, uri, "Standby")
    assert found.told.startswith(told)
    assert found.ok is None


def test_home_without_a_worker_has_no_standby(home: Home, uri: str) -> None:
    assert _finding(home, uri, "Standby").told.startswith("none")


@pytest.mark.slow
def test_standby_is_shown_in_json(home: Home, uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    with FileLock(home.worker_lock).held({"standby": {"pid": os.getpid(), "is_prepared": True}}, ""):
        call("doctor", "--json", "--home", home.path, "--tracking-uri", uri)
    (found,) = (each for each in json.loads(capsys.readouterr().out)["findings"] if each["what"] == "Standby")
    assert found["ok"] is None
    assert found["told"].startswith(f"process {os.getpid()} is ready for the next run and uses ")
