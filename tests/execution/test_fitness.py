"""Nodes of a cluster that runs cannot be placed on, and what the worker says about each."""

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainer.config import load_config
from trainer.execution.executors.ray.fitness import (
    Answer,
    Question,
    Wanted,
    missing_file,
    names_files,
    refusal_of,
    versions,
)
from trainer.home import Home

_WANTED = Wanted(
    home=Path("/shared/home"),
    host="here",
    tracking_uri="postgresql+psycopg://us:secret@db.example/runs",
    versions={"Python": "3.12", "tensorflow": "2.21.0", "keras": "3.15.1"},
)
_GOOD = Answer(versions=_WANTED.versions, sees_home=True, unreachable="")
_NETWORK = (
    "layers: [Flatten, {layer: Dense, units: 10}]\nloss: {name: SparseCategoricalCrossentropy, from_logits: true}\n"
)


def _refusal(host: str = "there", uri: str = _WANTED.tracking_uri, **changes: object) -> str:
    answer = replace(_GOOD, **changes)  # type: ignore[arg-type]
    return refusal_of(f"{host} (10.0.0.7)", host, answer, replace(_WANTED, tracking_uri=uri))


def test_node_that_is_like_the_workers_machine_is_used() -> None:
    assert not _refusal()
    assert not _refusal("here", "sqlite:////shared/home/mlflow.db")


@pytest.mark.parametrize(
    ("found", "has", "needed"),
    [
        ({"Python": "3.11"}, "Python 3.11", "3.12"),
        ({"tensorflow": "2.20.0"}, "tensorflow 2.20.0", "2.21.0"),
        ({"keras": None}, "no keras", "3.15.1"),
    ],
)
def test_node_with_another_version_is_refused(found: dict[str, str | None], has: str, needed: str) -> None:
    there = {name: text for name, text in {**_WANTED.versions, **found}.items() if text is not None}
    told = f"Node there (10.0.0.7) has {has}, this worker {needed}; install the same version there."
    assert _refusal(versions=there) == told


def test_node_that_does_not_see_the_home_is_refused() -> None:
    told = _refusal(sees_home=False)
    assert told.startswith("Node there (10.0.0.7) does not see the home /shared/home; share that folder,")


@pytest.mark.parametrize(
    ("host", "uri", "unreachable", "told"),
    [
        ("there", "sqlite:////shared/home/mlflow.db", "", "the store, which is a file of this machine;"),
        ("there", "http://localhost:5000", "", "the store at localhost:5000, an address of this machine alone;"),
        ("there", _WANTED.tracking_uri, "timed out", "the store at db.example:5432 (timed out); check its network"),
        ("here", "http://127.0.0.1:5000", "Connection refused", "the store at 127.0.0.1:5000 (Connection refused);"),
    ],
)
def test_node_that_cannot_reach_the_store_is_refused(host: str, uri: str, unreachable: str, told: str) -> None:
    said = _refusal(host, uri, unreachable=unreachable)
    assert said.startswith(f"Node {host} (10.0.0.7) cannot reach {told}")
    assert "secret" not in said


def test_node_answers_what_it_sees(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.write_text("token")
    with socket.create_server(("127.0.0.1", 0)) as server:
        question = Question(mark=mark, token="token", store=("127.0.0.1", server.getsockname()[1]))
        assert Answer.to(question) == Answer(versions=versions(), sees_home=True, unreachable="")
    answer = Answer.to(replace(question, token="another worker's"))
    assert not answer.sees_home
    assert answer.unreachable == "Connection refused"
    assert not Answer.to(replace(question, mark=tmp_path / "away", store=None)).sees_home


def test_file_that_a_node_lacks_is_named(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    config = load_config(f"dataset: {{name: npz, path: {file}}}\n{_NETWORK}").canonical_json()
    assert names_files(config)
    assert missing_file(config, home) == str(file)
    file.touch()
    assert missing_file(config, home) is None
    assert not names_files(load_config(f"dataset: digits\n{_NETWORK}").canonical_json())
    assert not names_files(json.dumps({"of": "a later version"}))


def test_what_a_node_is_asked_can_be_judged_without_ray() -> None:
    """Importing Ray decides which interfaces it listens on, and takes a second."""
    code = "import sys, trainer.execution.executors.ray.fitness; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
