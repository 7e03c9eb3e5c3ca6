"""An MLflow server that is killed while runs train, or before they end, loses and doubles nothing."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fault_table import SEED, Table
from tests.support.faults import Reference, Scene
from tests.support.server import MlflowServer
from tests.support.worker import wait_for
from trainer.execution.process.attempts import has_checkpoint
from trainer.home import Home
from trainer.tracking import open_store, read_backlog

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path, home: Home) -> Iterator[MlflowServer]:
    with MlflowServer(home.tracking_uri(environment={}), tmp_path / "artifacts", tmp_path / "server.log") as running:
        yield running


@pytest.fixture
def scene(home: Home, server: MlflowServer, local: Scene, reference: Reference) -> Iterator[Scene]:
    made = Scene(home, open_store(server.uri, home), random.Random(SEED), local.seconds)
    made.start_worker()
    yield made
    made.stop_worker()


def test_runs_survive_an_mlflow_server_that_is_killed(
    scene: Scene, server: MlflowServer, reference: Reference, table: Table
) -> None:
    def killed_and_started(scene: Scene, run_id: str) -> bool:
        scene.wait_for_training(run_id)
        scene.pause(0.7)
        met = scene.is_at_work(run_id)
        server.kill()
        time.sleep(scene.random.uniform(0.5, 4.0))
        server.start()
        return met

    def gone_until_after_the_end(scene: Scene, run_id: str) -> bool:
        process = scene.wait_for_training(run_id)
        folder = scene.home.run(run_id)
        wait_for(lambda: has_checkpoint(folder), "a checkpoint")
        server.kill()
        wait_for(lambda: read_backlog(folder), "the run's folder to say that its record is behind")
        scene.kill_worker(everything=False)
        wait_for(lambda: not process.is_running() or process.status() == "zombie", "the training to give up")
        server.start()
        scene.start_worker()
        return True

    table.fill("kill -9 of the MLflow server", killed_and_started, scene, reference)
    table.fill("MLflow gone beyond the run's end", gone_until_after_the_end, scene, reference)
