"""S3 that does not answer while a run ends: the run waits for it, and loses nothing."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fault_table import SEED, Table
from tests.support.faults import Reference, Scene
from tests.support.s3 import S3Server
from tests.support.worker import wait_for
from trainer.home import Home
from trainer.tracking import RunQuery, open_store, read_backlog
from trainer.tracking.artifact_root import VARIABLE
from trainer.tracking.files import LOG_FILE

pytestmark = pytest.mark.slow


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with S3Server(tmp_path / "s3.log") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(VARIABLE, running.create("artifacts"))
        yield running


@pytest.fixture
def scene(tmp_path: Path, storage: S3Server, local: Scene) -> Iterator[Scene]:
    home = Home(tmp_path / "new").make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    made = Scene(home, store, random.Random(SEED), local.seconds)
    made.start_worker()
    yield made
    made.stop_worker()


def test_runs_survive_storage_that_goes_away(
    scene: Scene, storage: S3Server, reference: Reference, table: Table
) -> None:
    def away_at_the_end(scene: Scene, run_id: str) -> bool:
        scene.wait_for_training(run_id)
        storage.go_away()
        wait_for(lambda: read_backlog(scene.home.run(run_id)), "the run's folder to say that its record is behind")
        was_at_work = scene.is_at_work(run_id)
        storage.come_back()
        return was_at_work

    table.fill("S3 gone as the run ends", away_at_the_end, scene, reference)
    run = scene.store.reader.page(RunQuery()).runs[0]
    assert run.artifact_uri.startswith("s3://artifacts/")
    assert scene.store.reader.artifact(run, LOG_FILE)
    models = scene.store.client.search_logged_models([run.experiment_id])
    assert {str(each.status) for each in models} == {"READY"}, "each interrupted attempt was completed by the next"
