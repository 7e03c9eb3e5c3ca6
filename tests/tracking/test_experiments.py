"""Experiments are created, and runs move between them, in real SQLite and PostgreSQL stores."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from trainer.errors import ConfigError, StoreError
from trainer.home import Home
from trainer.tracking import Run, RunQuery, Status, Store, Tag, open_store
from trainer.tracking.write.dataset_record import DatasetRecord
from trainer.tracking.write.experiments import create_experiment, move_run


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, home: Home, empty_file: Path) -> Store:
    """A new store to write to."""
    if request.param == "postgresql":
        own: Store = request.getfixturevalue("own_postgresql")[0]
        return own
    shutil.copy(empty_file, home.database)
    return open_store(home.tracking_uri(environment={}), home)


@pytest.fixture
def run(store: Store) -> Run:
    """An ended run with a file, a dataset and a logged model."""
    run_id = store.create(
        config_text="name: one\n", experiment="old", name="one", tags={Tag.CONFIG_DIGEST: "a"}, params={"seed": "0"}
    )
    store.log_dataset(run_id, DatasetRecord(name="digits", digest="ab" * 18, input_shape=(8, 8, 1)))
    store.client.create_logged_model(
        store.get(run_id).experiment_id, "model", source_run_id=run_id, params={"a": "b"}, tags={"c": "d"}
    )
    store.set_status(run_id, Status.FINISHED)
    return store.get(run_id)


def test_moved_run_keeps_its_files_datasets_and_models(store: Store, run: Run) -> None:
    client: MlflowClient = store.client
    target = create_experiment(store, " new 😀 =1+1 <b> ")
    move_run(store, run, target)
    move_run(store, store.get(run.run_id), target)

    moved = store.get(run.run_id)
    assert (moved.experiment_id, moved.experiment) == (target, "new 😀 =1+1 <b>")
    assert (moved.artifact_uri, moved.params, moved.end_time) == (run.artifact_uri, run.params, run.end_time)
    assert store.reader.artifact(moved, "config.yaml") == b"name: one\n"
    assert store.reader.datasets([run.run_id])[run.run_id][0].name == "digits"
    assert store.reader.page(RunQuery(experiment_ids=(run.experiment_id,))).total == 0

    (found,) = client.search_runs([target])
    assert [each.dataset.name for each in found.inputs.dataset_inputs] == ["digits"]
    (model,) = client.search_logged_models([target])
    assert (model.source_run_id, model.params, model.tags["c"]) == (run.run_id, {"a": "b"}, "d")
    assert not client.search_logged_models([run.experiment_id])


def test_dataset_that_the_other_experiment_has_already_is_used_there(store: Store, run: Run) -> None:
    target = create_experiment(store, "new")
    other = store.create(config_text="", experiment="new", name="two", tags={}, params={})
    store.log_dataset(other, DatasetRecord(name="digits", digest="ab" * 18, input_shape=(8, 8, 1)))
    move_run(store, run, target)
    inputs = [store.client.get_run(each).inputs.dataset_inputs[0].dataset for each in (run.run_id, other)]
    assert inputs[0].digest == inputs[1].digest


def test_run_that_cannot_move_is_refused_in_one_sentence(store: Store, run: Run, home: Home) -> None:
    target = create_experiment(store, "new")
    with pytest.raises(StoreError, match="server cannot move runs"):
        move_run(open_store("http://127.0.0.1:9", home), run, target)
    store.set_status(run.run_id, Status.SCHEDULED)
    # As it was read before it was resumed.
    with pytest.raises(ConfigError, match="was changed in the meantime"):
        move_run(store, run, target)
    with pytest.raises(ConfigError, match="one has not ended yet; stop it first"):
        move_run(store, store.get(run.run_id), target)
    store.delete(run.run_id)
    with pytest.raises(ConfigError, match="one is deleted; restore it first"):
        move_run(store, store.get(run.run_id), target)
    assert store.get(run.run_id).experiment == "old"


@pytest.mark.parametrize(
    ("name", "said"), [("", "visible character"), ("x" * 100_000, "at most 250"), ("a\nb", "one line")]
)
def test_experiment_s_name_that_is_none_is_refused(store: Store, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        create_experiment(store, name)


def test_experiment_is_created_once(store: Store) -> None:
    create_experiment(store, "new")
    with pytest.raises(ConfigError, match="'new' already exists"):
        create_experiment(store, " new")
