"""Runs are removed permanently, with their rows and files, from real SQLite and PostgreSQL stores and a server."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from mlflow.entities import LoggedModelOutput

from tests.support.postgres import PostgresServer
from tests.support.server import MlflowServer
from trainer.errors import ConfigError, FitboardError, StoreError
from trainer.execution.control.removal import delete, footprint, remove, restore
from trainer.execution.process.identity import owner_of
from trainer.home import Home
from trainer.tracking import Owner, Progress, Run, RunQuery, Status, Store, Tag, open_store
from trainer.tracking.run import Point
from trainer.tracking.write.dataset_record import DatasetRecord


def _whole_run(store: Store, name: str, *, status: Status = Status.FINISHED) -> Run:
    """A run with everything that a run of Fitboard leaves in a store; all use the same dataset."""
    tags = {Tag.CONFIG_DIGEST: "a"}
    run_id = store.create(config_text="name: x\n", experiment="one", name=name, tags=tags, params={"seed": "0"})
    store.log_metrics(run_id, [Point("loss", 1.0, 1, step) for step in range(3)])
    store.log_dataset(run_id, DatasetRecord(name="digits", digest="ab" * 18, input_shape=(8, 8, 1)))
    experiment = store.get(run_id).experiment_id
    model = store.client.create_logged_model(experiment, "model", source_run_id=run_id, params={"a": "b"})
    store.client.set_logged_model_tags(model.model_id, {"c": "d"})
    store.client.log_metric(run_id, "accuracy", 0.5, model_id=model.model_id)
    store.client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=1)])
    store.set_status(run_id, status)
    return store.get(run_id)


def _model_folder(store: Store, run: Run) -> str:
    (model,) = store.client.search_logged_models([run.experiment_id], filter_string=f"source_run_id = '{run.run_id}'")
    return str(model.artifact_location)


def _rows(uri: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine, found = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool), sqlalchemy.MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in found.sorted_tables
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def writable(request: pytest.FixtureRequest, home: Home, store: Store) -> Iterator[Store]:
    """A new store in either database."""
    if request.param == "sqlite":
        yield store
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    made = open_store(postgres.create(f"removal-{id(home)}"), home)
    made.prepare()
    yield made
    made.reader.close()
    made.client._tracking_client.store.engine.dispose()


def test_removed_run_leaves_every_row_and_file_of_the_others_as_it_was(writable: Store, home: Home) -> None:
    kept = _whole_run(writable, "kept")
    before = _rows(writable.tracking_uri)
    run = _whole_run(writable, "gone")
    folder = home.run(run.run_id)
    folder.mkdir()
    (folder / "checkpoint-0000001-000000000.bin").write_bytes(b"x" * 1_000)
    models = Path(_model_folder(writable, run).removeprefix("file://"))
    models.mkdir(parents=True)
    (models / "model.keras").write_bytes(b"x" * 500)

    frees = footprint(writable, [run], home)
    assert (frees.runs, frees.files, frees.size) == (1, 3, 1_508)
    assert frees.sentence == (
        "This permanently deletes 1 run with 3 files (artifacts, models and checkpoints) and frees 1.5 kB. "
        "It cannot be undone."
    )
    remove(writable, run, home=home)

    assert _rows(writable.tracking_uri) == before
    assert not folder.exists()
    assert not models.parent.exists()
    assert not Path(run.artifact_uri.removeprefix("file://")).parent.exists()
    assert writable.reader.artifact(writable.get(kept.run_id), "config.yaml") == b"name: x\n"
    with pytest.raises(FitboardError, match="not found"):
        remove(writable, run, home=home)


def test_removal_that_is_interrupted_leaves_a_deleted_run_that_can_be_removed(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _whole_run(store, "one")
    (home.run(run.run_id)).mkdir()

    def full(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", full)
        with pytest.raises(FitboardError, match=r"cannot be removed \(Permission denied\); check its permissions"):
            remove(store, run, home=home)
    assert [each.run_id for each in store.reader.page(RunQuery(deleted=True)).runs] == [run.run_id]
    remove(store, run, home=home)
    assert store.reader.page(RunQuery(deleted=True)).total == 0


@pytest.mark.parametrize("uri", ["/", "", "relative/{id}/artifacts", "file:///tmp", "s3://bucket/other/artifacts"])
def test_folder_that_may_hold_the_files_of_others_is_never_removed(store: Store, home: Home, uri: str) -> None:
    run = _whole_run(store, "one")
    engine = sqlalchemy.create_engine(store.tracking_uri, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        where = uri.format(id=run.run_id)
        connection.execute(sqlalchemy.text("UPDATE runs SET artifact_uri = :uri"), {"uri": where})
    (refused,) = footprint(store, [store.get(run.run_id)], home).refused
    words = "may contain files of other runs or programs; delete the files of this run yourself"
    assert words in refused
    with pytest.raises(StoreError, match=words):
        remove(store, run, home=home)
    assert not store.get(run.run_id).deleted


def test_run_that_trains_is_of_another_program_or_registered_is_refused(store: Store, home: Home) -> None:
    live = _whole_run(store, "live", status=Status.RUNNING)
    store.set_tags(live.run_id, {Tag.OWNER: owner_of().dumps(), Tag.PROGRESS: Progress(time=1.0).dumps()})
    foreign = store.get(store.client.create_run("0", run_name="forest").info.run_id)
    registered = _whole_run(store, "registered")
    store.client.create_registered_model("digits")
    store.client.create_model_version("digits", registered.artifact_uri, run_id=registered.run_id)
    refused = {
        live.run_id: "live has not ended yet; stop it first",
        foreign.run_id: "created by another program",
        registered.run_id: f"The model of run {registered.run_id[:8]} is registered as 'digits', version 1; delete ",
    }
    assert footprint(store, store.reader.get(list(refused)), home).runs == 0
    for run_id, said in refused.items():
        with pytest.raises(ConfigError, match=said):
            remove(store, store.get(run_id), home=home)
        assert not store.get(run_id).deleted
    store.delete(live.run_id)
    with pytest.raises(ConfigError, match="has not ended yet"):
        remove(store, live, home=home)


def test_deleted_run_that_was_never_started_is_removed(store: Store, home: Home) -> None:
    run = _whole_run(store, "queued", status=Status.SCHEDULED)
    with pytest.raises(ConfigError, match="has not ended yet"):
        delete(store, run)
    store.delete(run.run_id)
    remove(store, run, home=home)
    assert store.reader.get([run.run_id]) == ()


def test_checkpoints_elsewhere_are_said_to_stay(store: Store, home: Home) -> None:
    for host in ("gpu-7", "gpu-7", owner_of().host):
        run = _whole_run(store, host)
        store.set_tags(run.run_id, {Tag.OWNER: Owner(host=host, boot="b", pid=1, started=1.0).dumps()})
    assert set(footprint(store, store.reader.page(RunQuery()).runs, home).stays) == {
        "The checkpoints and logs of 2 runs are on gpu-7 and stay there.",
        "The checkpoints and logs of 1 run are in another home of this machine and stay there.",
    }


def test_run_of_a_deleted_experiment_says_how_both_are_restored(store: Store) -> None:
    run = _whole_run(store, "one")
    store.client.delete_experiment(run.experiment_id)
    with pytest.raises(ConfigError, match=f"mlflow experiments restore -x {run.experiment_id}"):
        restore(store, store.get(run.run_id))
    store.client.restore_experiment(run.experiment_id)
    restore(store, store.get(run.run_id))
    assert not store.get(run.run_id).deleted


@pytest.mark.slow
def test_server_frees_the_files_and_says_that_rows_stay(tmp_path: Path, empty_file: Path, home: Home) -> None:
    (tmp_path / "mlflow.db").write_bytes(empty_file.read_bytes())
    artifacts = tmp_path / "artifacts"
    with MlflowServer(f"sqlite:///{tmp_path}/mlflow.db", artifacts, tmp_path / "server.log") as server:
        store = open_store(server.uri, home)
        kept, run = (_whole_run(store, name) for name in ("kept", "gone"))
        frees = footprint(store, [run], home)
        assert (frees.files, frees.size) == (1, 8)
        assert "until `mlflow gc` is run on the server" in frees.stays[0]
        remove(store, run, home=home)
        assert [each.run_id for each in store.reader.page(RunQuery(deleted=True)).runs] == [run.run_id]
        assert [each.name for each in artifacts.rglob("config.yaml")] == ["config.yaml"]
        assert store.reader.artifact(kept, "config.yaml") == b"name: x\n"
        models = store.client.search_logged_models([run.experiment_id])
        assert [each.source_run_id for each in models] == [kept.run_id]
        # Again, as after an interruption.
        remove(store, run, home=home)
