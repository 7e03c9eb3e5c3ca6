"""Writing to a real MLflow server, which goes away and comes back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import MlflowServer, free_port
from tests.support.worker import wait_for
from trainer.errors import StoreUnreachableError
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, Tag, open_reader, open_store
from trainer.tracking.note import NOTE_TAG, written_part
from trainer.tracking.record.recorder import Recorder
from trainer.tracking.write.annotations import remove_tags, rename, set_tag, write_note
from trainer.tracking.write.dataset_record import DatasetRecord

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[MlflowServer]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "mlflow.db").write_bytes(empty_file.read_bytes())
    with MlflowServer(f"sqlite:///{folder}/mlflow.db", folder / "artifacts", folder / "server.log") as server:
        yield server


@pytest.fixture
def remote(own_server: MlflowServer, home: Home) -> Store:
    store = open_store(own_server.uri, home)
    store.prepare()
    return store


def queue_one(store: Store) -> str:
    tags = {Tag.QUEUE: 'here\'s "one"', Tag.CONFIG_DIGEST: "a"}
    return store.create(config_text="name: x\n", experiment="remote", name="x", tags=tags, params={"seed": "0"})


def test_run_on_a_server_is_renamed_tagged_and_annotated(remote: Store) -> None:
    run_id = queue_one(remote)
    remote.set_status(run_id, Status.FINISHED)
    before = remote.get(run_id)
    rename(remote, before, "new 😀")
    set_tag(remote, before, "team", "=1+1")
    write_note(remote, before, "Mine.")
    after = remote.get(run_id)
    assert (after.name, after.tags["team"], after.status, after.end_time) == (
        "new 😀", "=1+1", Status.FINISHED, before.end_time,
    )  # fmt: skip
    assert written_part(after.tags[NOTE_TAG]) == "Mine."
    remove_tags(remote, after, ["team"])
    assert "team" not in remote.get(run_id).tags
    remote.delete(run_id)


def test_run_is_queued_worked_on_and_ended(remote: Store) -> None:
    run_id = queue_one(remote)
    (queued,) = remote.queued('here\'s "one"')
    assert queued.run_id == run_id
    assert queued.artifact_uri.startswith("mlflow-artifacts:")
    assert remote.reader.artifact(queued, "config.yaml") == b"name: x\n"

    remote.set_status(run_id, Status.RUNNING)
    remote.log_file(run_id, "evaluation/confusion.json", b"{}")
    remote.log_dataset(run_id, DatasetRecord(name="digits", digest="ab" * 32, input_shape=(8, 8, 1)))
    remote.set_status(run_id, Status.FINISHED)
    remote.delete_tag(run_id, Tag.QUEUE)

    run = remote.get(run_id)
    assert run.status is Status.FINISHED
    assert Tag.QUEUE not in run.tags
    assert remote.reader.artifacts(run) == ("config.yaml", "evaluation")
    remote.delete(run_id)
    assert remote.reader.page(RunQuery()).total == 0


def test_server_that_dies_while_a_recorder_sends_gets_everything_once(
    remote: Store, own_server: MlflowServer, home: Home
) -> None:
    run_id = queue_one(remote)
    recorder = Recorder(remote, run_id, home, system=False)
    for epoch in range(1, 4):
        recorder.epoch_ended(epoch, {"loss": 1 / epoch}, 0.1)
    wait_for(lambda: open_reader(own_server.uri).histories([run_id])[run_id].get("loss"), "the first epoch")
    own_server.kill()
    for epoch in range(4, 9):
        recorder.epoch_ended(epoch, {"loss": 1 / epoch}, 0.1)
    back = recorder.now_ms()
    own_server.start()

    assert recorder.close(patience=300)
    series = open_reader(own_server.uri).histories([run_id])[run_id]["loss"]
    assert list(series.steps) == list(range(1, 9))
    assert list(series.values) == [1 / epoch for epoch in range(1, 9)]
    assert max(series.times) <= back, "each point has the time when it was measured, not when it was sent"
    remote.delete(run_id)


def test_server_that_is_not_there_is_one_sentence(home: Home) -> None:
    uri = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StoreUnreachableError, match=r"does not respond; check that its MLflow server") as caught:
        open_store(uri, home).prepare()
    with pytest.raises(StoreUnreachableError):
        open_reader(uri).page(RunQuery())

    assert "\n" not in str(caught.value)


def test_environment_goes_through_the_server(remote: Store, home: Home) -> None:
    run_id = queue_one(remote)
    with Recorder(remote, run_id, home, system=False) as recorder:
        recorder.file("environment.json", json.dumps({"python": "3"}).encode())

    assert remote.reader.artifact(remote.get(run_id), "environment.json") == b'{"python": "3"}'
    remote.delete(run_id)
