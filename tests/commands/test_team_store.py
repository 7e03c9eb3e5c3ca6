"""A team's store: PostgreSQL and S3, used by two homes as by two machines."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import SMALL
from tests.support.postgres import PostgresServer, missing_postgres
from tests.support.s3 import S3Server
from trainer.home import Home
from trainer.tracking import Status
from trainer.tracking.read.sql_reader import SqlReader

pytestmark = pytest.mark.slow

_Fitboard = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def uri() -> Iterator[str]:
    """The address of an empty database; its server has a password."""
    if missing := missing_postgres():
        pytest.skip(missing)
    with PostgresServer() as running:
        yield running.create("team")


@pytest.fixture
def fitboard(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Fitboard]:
    """Runs a command in a process of its own, with the home that is named first."""
    with S3Server(tmp_path / "s3.log") as storage:
        storage.create("team")
        for name, value in storage.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        monkeypatch.setenv("FITBOARD_ARTIFACT_ROOT", "s3://team/runs")

        def run(home: str, *words: object) -> "subprocess.CompletedProcess[str]":
            command = [sys.executable, "-m", "trainer", *map(str, words), "--home", str(tmp_path / home)]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        yield run


def test_two_homes_share_runs_and_artifacts(fitboard: _Fitboard, uri: str, tmp_path: Path) -> None:
    config = tmp_path / "small.yaml"
    config.write_text(SMALL)
    empty = fitboard("a", "runs", "--json")
    trained = fitboard("a", "train", config)
    repeated = fitboard("b", "rerun", "latest")
    exported = fitboard("b", "export", "latest", "--to", "keras", "--output", tmp_path / "model.keras")

    assert (empty.returncode, '"total": 0' in empty.stdout) == (0, True), empty.stderr
    assert trained.returncode == 0, trained.stderr
    assert "equal to the last bit" in repeated.stderr, repeated.stderr
    assert (exported.returncode, (tmp_path / "model.keras").stat().st_size > 10_000) == (0, True), exported.stderr
    with closing(SqlReader(uri)) as reader:
        first = reader.get([trained.stdout.strip()])[0]
    assert (first.status, first.artifact_uri[:15]) == (Status.FINISHED, "s3://team/runs/")
    assert reader.artifact(first, "config.yaml")
    assert not any(Home(tmp_path / "a").artifacts.iterdir())

    password = uri.split("tester:")[1].split("@")[0]
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    printed = [text for done in (empty, trained, repeated, exported) for text in (done.stdout, done.stderr)]
    assert not any(password.encode() in content for content in written)
    assert not any(password in text for text in printed)
