"""A password in a store's address is in nothing that is written, printed, served or passed as an argument."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.arguments import watched_arguments
from tests.support.commands import SMALL, call
from tests.support.server import MlflowServer
from tests.support.up import running_up
from tests.support.worker import wait_for, wait_for_end
from trainer.home import Home
from trainer.tracking import open_store

SECRET = "pl4nted-s3cret"


def _holding_it(*folders: Path) -> list[str]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.slow
def test_password_of_a_server_is_nowhere(
    home: Home, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "up").mkdir()
    config = tmp_path / "small.yaml"
    config.write_text(SMALL)
    with MlflowServer(uri, tmp_path / "artifacts", tmp_path / "server.log") as server, watched_arguments() as seen:
        address = server.uri.replace("://", f"://me:{SECRET}@")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
            monkeypatch.setenv(name, "")
        with running_up(tmp_path / "up", tracking_uri=address) as up:
            with urllib.request.urlopen(up.dashboard, timeout=10) as page:
                assert SECRET not in page.read().decode()
            assert call("train", config, "--queue", "--home", up.home.path) == 0
            run_id = capfd.readouterr().out.strip().splitlines()[-1]
            wait_for_end(open_store(server.uri, up.home), run_id, seconds=240)
        here = [sys.executable, "-m", "trainer", "train", str(config), "--again", "--home", str(up.home.path)]
        done = subprocess.run(here, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for words in (("doctor",), ("runs",), ("show", run_id, "--json")):
            call(*words, "--home", up.home.path)
    printed = capfd.readouterr()

    assert any("checked_job" in line for line in seen)
    assert any("uvicorn" in line or "dashboard.launch.server" in line for line in seen)
    assert not [line for line in seen if SECRET in line]
    assert SECRET not in printed.out + printed.err + done.stdout + done.stderr
    assert _holding_it(tmp_path, home.path) == []


@pytest.mark.slow
def test_password_of_a_database_that_is_away_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    address = f"postgresql://me:{SECRET}@127.0.0.1:1/fitboard?sslpassword={SECRET}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    home = Home(tmp_path / "home").make()
    config = tmp_path / "small.yaml"
    config.write_text(SMALL)
    log = tmp_path / "worker.log"
    with watched_arguments() as seen, log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "trainer", "worker", "--home", str(home.path)],
            stdout=output,
            stderr=output,
            env=dict(os.environ),
        )
        try:
            wait_for(lambda: b"does not respond" in log.read_bytes(), "the worker to find no store")
        finally:
            worker.terminate()
            worker.wait(20)
    for words in (("doctor",), ("runs",), ("train", config)):
        call(*words, "--home", home.path)
    printed = capfd.readouterr()

    assert "me:***@127.0.0.1:1" in printed.out + printed.err
    assert SECRET not in printed.out + printed.err
    assert not [line for line in seen if SECRET in line]
    assert _holding_it(tmp_path) == []
