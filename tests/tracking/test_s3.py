"""Artifacts in S3: what MLflow writes there is read without MLflow, and every failure is one sentence."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.s3 import S3Server
from tests.support.server import free_port
from trainer.errors import StoreError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking import RunQuery, Store, open_store
from trainer.tracking.artifact_root import VARIABLE
from trainer.tracking.read import s3
from trainer.tracking.read.artifacts import list_artifacts, read_artifact
from trainer.tracking.write.bucket import create_bucket
from trainer.tracking.write.pending_models import failed_if_refused, pending_models


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server(tmp_path_factory.mktemp("s3") / "log") as running:
        running.create("artifacts")
        yield running


@pytest.fixture
def endpoint(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def s3_store(endpoint: S3Server, store: Store, home: Home, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv(VARIABLE, "s3://artifacts/team")
    return open_store(store.tracking_uri, home)


def _create(store: Store) -> str:
    return store.create(config_text="{}", experiment="mine", name="first", tags={}, params={})


def test_what_a_run_logs_is_read_from_s3(s3_store: Store) -> None:
    store = s3_store
    run_id = _create(store)
    store.log_file(run_id, "folder/größe +%20.txt", b"\x00content")
    run = store.get(run_id)

    assert run.artifact_uri.startswith("s3://artifacts/team/mine-")
    assert store.reader.artifact(run, "folder/größe +%20.txt") == b"\x00content"
    assert store.reader.artifact(run, "folder") is None
    assert store.reader.artifact(run, "nothing") is None
    assert store.reader.artifacts(run) == ("config.yaml", "folder")
    assert store.reader.artifacts(run, "folder") == ("folder/größe +%20.txt",)
    assert store.reader.artifacts(run, "fold") == ()
    with pytest.raises(StoreError, match="not a path within"):
        store.reader.artifact(run, "../../other")


def test_folder_of_many_objects_is_listed_whole(endpoint: S3Server) -> None:
    client = endpoint.client()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: client.put_object(Bucket="artifacts", Key=f"many/{name}"), range(1_001)))
    assert len(list_artifacts("s3://artifacts/many", tracking_uri="sqlite:///x")) == 1_001


def test_bucket_is_created_once(endpoint: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [create_bucket("s3://team-new/runs") for _ in range(2)] == [True, False]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    s3._opened.cache_clear()
    assert create_bucket("s3://team-europe/runs")
    place = endpoint.client().get_bucket_location(Bucket="team-europe")
    assert place["LocationConstraint"] == "eu-west-1"
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachableError, match=r"^s3://team-new does not respond"):
        create_bucket("s3://team-new/runs")
    s3._opened.cache_clear()


def test_failures_are_sentences(endpoint: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(uri: str) -> bytes | None:
        s3._opened.cache_clear()
        return read_artifact(uri, "file", tracking_uri="sqlite:///x")

    with pytest.raises(StoreError, match=r"^The bucket 'nowhere' does not exist; create it"):
        read("s3://nowhere/x")
    with pytest.raises(StoreError, match=r"not a valid address of artifacts; check the name of the bucket"):
        read("s3://no_bucket!/x")
    with pytest.raises(StoreError, match=r"has no bucket"):
        read("s3:///x")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachableError, match=r"^s3://artifacts does not respond; check the endpoint"):
        read("s3://artifacts/x")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "no address")
    with pytest.raises(StoreError, match=r"^Invalid endpoint: no address; set the endpoint"):
        read("s3://artifacts/x")


def test_missing_credentials_are_named(endpoint: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    # Neither a profile of whoever runs the tests, nor the role of the machine.
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3._opened.cache_clear()
    with pytest.raises(StoreError, match=r"no credentials for s3://artifacts; set AWS_ACCESS_KEY_ID"):
        read_artifact("s3://artifacts/x", "file", tracking_uri="sqlite:///x")


def test_model_whose_files_are_refused_is_failed_and_one_that_has_to_wait_stays_pending(
    s3_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = s3_store.get(_create(s3_store))
    (tmp_path / "model.keras").write_bytes(b"weights")

    def write() -> None:
        found = pending_models(s3_store, run)
        logged = (
            found[0]
            if found
            else s3_store.client.create_logged_model(run.experiment_id, "model", source_run_id=run.run_id)
        )
        with failed_if_refused(s3_store, logged.model_id):
            s3_store.client.log_model_artifacts(logged.model_id, str(tmp_path))

    with monkeypatch.context() as away:
        away.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
        with pytest.raises(StoreUnreachableError, match=r"^S3 does not respond"):
            write()
    waiting = pending_models(s3_store, run)
    with monkeypatch.context() as wrong:
        wrong.setenv("MLFLOW_S3_ENDPOINT_URL", "no address")
        with pytest.raises(StoreError, match=r"^Invalid endpoint: no address"):
            write()
    assert len(waiting) == 1, "the second attempt took the model of the first"
    assert str(s3_store.client.get_logged_model(waiting[0].model_id).status) == "FAILED"


def test_run_whose_config_cannot_be_stored_is_not_left_behind(s3_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _create(s3_store)
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachableError, match=r"^S3 does not respond"):
        _create(s3_store)
    assert s3_store.reader.page(RunQuery()).total == 1
