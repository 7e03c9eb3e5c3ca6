"""An MLflow server that is killed while runs train, or before they end, loses and doubles nothing."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faults import Reference, Scene, Trial, fault_config
from tests.support.server import MlflowServer
from tests.support.worker import wait_for, wait_for_end
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.home import Home
from trainer.tracking import Status, open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path, home: Home) -> Iterator[MlflowServer]:
    with MlflowServer(home.tracking_uri(environment={}), tmp_path / "artifacts", tmp_path / "server.log") as running:
        yield running


@pytest.fixture
def scene(home: Home, server: MlflowServer) -> Iterator[Scene]:
    made = Scene(home, open_store(server.uri, home), random.Random(0))
    made.start_worker()
    yield made
    made.stop_worker()


def test_store_may_go_away_while_a_run_trains_and_when_it_ends(scene: Scene, home: Home, server: MlflowServer) -> None:
    config = fault_config(60)
    first = enqueue(scene.store, config, queue=queue_name(home))
    wake_worker(home)
    reference = Reference.of(scene.store, wait_for_end(scene.store, first, 180))
    trial = Trial(scene, config)
    run_id = enqueue(scene.store, config, queue=queue_name(home))
    wake_worker(home)
    process = scene.wait_for_training(run_id)
    wait_for(lambda: "loss" in scene.store.get(run_id).metrics, "the first epoch", 60)
    server.kill()
    time.sleep(3)
    scene.kill_worker(everything=False)
    wait_for(lambda: not process.is_running() or process.status() == "zombie", "the training to give up", 150)
    server.start()
    scene.start_worker()
    run = wait_for_end(scene.store, run_id, 180)
    assert run.status is Status.FINISHED
    assert list(trial.problems(run, reference)) == []
