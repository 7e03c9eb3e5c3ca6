"""`fitboard up` as a person meets it: what it prints, what it leaves, what it survives."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.up import running_up
from tests.support.worker import wait_for
from trainer.config import load_config
from trainer.execution import enqueue, queue_name
from trainer.execution.lock import holder_of
from trainer.tracking import Status, open_store

pytestmark = pytest.mark.slow

CONFIG = load_config(
    "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 10}]\n"
    "loss: {name: SparseCategoricalCrossentropy, from_logits: true}\nepochs: 100000\n"
)


def test_up_from_start_to_ctrl_c(tmp_path: Path) -> None:
    """One start for several questions, since it takes 15 s."""
    with running_up(tmp_path) as up:
        wait_for(lambda: "Dashboard  http://127.0.0.1" in up.said.read_text(), "the greeting")
        _second_up_says_where(up.home.path, up.dashboard)
        up.wait_until_warm()
        processes = psutil.Process(up.process.pid).children(recursive=True)
        assert len(processes) >= 5, "dashboard, worker, forkserver, inspector, MLflow"
        run_id = _queue(up.home)
        store = open_store(up.home.tracking_uri(environment={}), up.home)
        wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
        _dead_dashboard_comes_back(up)
        processes += psutil.Process(up.process.pid).children(recursive=True)
        up.end()
        wait_for(lambda: not any(_lives(process) for process in processes), "every process to end")
        assert store.get(run_id).status is Status.SCHEDULED
        assert holder_of(up.home.up_lock) is None
        assert "Traceback" not in up.said.read_text()


def _queue(home: object) -> str:
    from trainer.home import Home

    assert isinstance(home, Home)
    store = open_store(home.tracking_uri(environment={}), home)
    return enqueue(store, CONFIG, queue=queue_name(home))


def _second_up_says_where(home: Path, dashboard: str) -> None:
    command = [sys.executable, "-m", "dashboard.cli", "up", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0, "one sentence"
    assert dashboard in done.stderr


def _dead_dashboard_comes_back(up: object) -> None:
    from tests.support.up import Up, answers

    assert isinstance(up, Up)
    served = next(
        process
        for process in psutil.Process(up.process.pid).children()
        if "dashboard.launch.server" in " ".join(process.cmdline())
    )
    os.kill(served.pid, signal.SIGKILL)
    wait_for(lambda: "The dashboard died (signal 9); restarting in" in up.said.read_text(), "word of it")
    wait_for(lambda: answers(f"{up.dashboard}/_stcore/health"), "the dashboard")


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_store_of_a_newer_mlflow_gets_one_sentence(home: object, uri: str, tmp_path: Path) -> None:
    import sqlite3

    from trainer.home import Home

    assert isinstance(home, Home)
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    connection.close()
    command = [sys.executable, "-m", "dashboard.cli", "up", "--home", str(home.path), "--port", "18777"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert "newer" in done.stderr
    assert "Traceback" not in done.stderr
