"""Writing runs: to SQLite here, to a real server in `test_server.py`."""

import json
import math
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from trainer.errors import ConfigError, ResourceError, RunNotFoundError, StoreError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, Tag, open_store
from trainer.tracking.read.config import config_of
from trainer.tracking.run import Point
from trainer.tracking.write.dataset_record import DatasetRecord


def queue_one(store: Store, *, experiment: str = "Default", name: str | None = "one") -> str:
    return store.create(
        config_text="name: one\n",
        experiment=experiment,
        name=name,
        tags={Tag.QUEUE: "here", Tag.CONFIG_DIGEST: "a"},
        params={"seed": "0", "layers": "Flatten → Dense"},
    )


def test_importing_tracking_loads_no_mlflow() -> None:
    code = "import sys, trainer.tracking; assert not {'mlflow', 'tensorflow', 'sqlalchemy'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


_TWO_THREADS = """
import sys, threading
from trainer.home import Home
from trainer.tracking import open_store
from trainer.tracking.mlflow_settings import load_mlflow

home, failures = Home.resolve(sys.argv[1]), []

def begin(part):
    try:
        part()
    except BaseException as error:
        failures.append(error)

def page():
    open_store(home.tracking_uri(environment={}), home).prepare()

def server():
    load_mlflow()
    import mlflow.store.tracking.sqlalchemy_store

threads = [threading.Thread(target=begin, args=(part,)) for part in (server, page)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
sys.exit(repr(failures) if failures else 0)
"""


@pytest.mark.slow
def test_two_threads_may_import_mlflow_at_once(store: Store, home: Home) -> None:
    store.prepare()
    done = subprocess.run(
        [sys.executable, "-c", _TWO_THREADS, str(home.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_new_store_keeps_its_artifacts_in_home(store: Store, home: Home, empty_file: Path) -> None:
    default = store.client.get_experiment("0").artifact_location
    made = store.get(queue_one(store, experiment="Größe / 2")).artifact_uri

    assert default == (empty_file.parent / "artifacts" / "0").as_uri()
    assert made.startswith((home.artifacts / "gr-e-2-").as_uri())


def test_created_run_waits_in_its_queue_with_everything_of_it(store: Store) -> None:
    run_id = queue_one(store)

    run = store.get(run_id)
    assert run.status is Status.SCHEDULED
    assert run.name == "one"
    assert run.params == {"seed": "0", "layers": "Flatten → Dense"}
    assert run.tags[Tag.QUEUE] == "here"
    assert run.end_time is None
    assert store.reader.artifact(run, "config.yaml") == b"name: one\n"


def test_queue_is_oldest_first_and_its_own(store: Store) -> None:
    ids = [queue_one(store) for _ in range(3)]
    store.set_status(ids[0], Status.RUNNING)

    assert [run.run_id for run in store.queued("here")] == ids[1:]
    assert [run.run_id for run in store.running("here")] == ids[:1]
    assert store.queued("elsewhere") == ()


def test_status_sets_the_end_time_only_of_ended_runs(store: Store) -> None:
    run_id = queue_one(store)
    store.set_status(run_id, Status.KILLED)
    ended = store.get(run_id)
    store.set_status(run_id, Status.SCHEDULED)
    again = store.get(run_id)

    assert ended.end_time is not None
    assert (again.status, again.end_time, again.seconds) == (Status.SCHEDULED, None, None)


def test_tags_are_set_replaced_and_removed(store: Store) -> None:
    run_id = queue_one(store)
    store.set_tags(run_id, {Tag.STOP: "requested", Tag.PROGRESS: "1"})
    store.set_tags(run_id, {Tag.PROGRESS: "2"})
    store.delete_tag(run_id, Tag.STOP)
    store.delete_tag(run_id, Tag.STOP)

    tags = store.get(run_id).tags
    assert tags[Tag.PROGRESS] == "2"
    assert Tag.STOP not in tags


def test_points_keep_nan_and_infinity_and_are_never_doubled(store: Store) -> None:
    run_id = queue_one(store)
    points = [
        Point("loss", value, 1_000 + step, step) for step, value in enumerate([1.5, math.nan, math.inf, -math.inf])
    ]
    store.log_metrics(run_id, points)
    store.log_metrics(run_id, points)

    series = store.reader.histories([run_id])[run_id]["loss"]
    assert list(series.steps) == [0, 1, 2, 3]
    assert repr(list(series.values)) == "[1.5, nan, inf, -inf]"
    assert list(series.times) == [1_000, 1_001, 1_002, 1_003]


def test_more_points_and_params_than_one_batch_takes(store: Store) -> None:
    run_id = queue_one(store)
    points = [Point("loss", float(step), step, step) for step in range(2_500)]
    params = {f"p{number}": "x" for number in range(250)}
    store.log_batch(run_id, points=points, params=params, tags={"a": "b"})

    run = store.get(run_id)
    assert len(store.reader.histories([run_id])[run_id]["loss"].steps) == 2_500
    assert len(run.params) == 252
    assert run.tags["a"] == "b"


def test_changed_param_is_refused_in_one_sentence(store: Store) -> None:
    run_id = queue_one(store)

    with pytest.raises(StoreError, match=r"refused the request: .*seed"):
        store.log_params(run_id, {"seed": "1"})


def test_file_in_a_folder(store: Store) -> None:
    run_id = queue_one(store)
    store.log_file(run_id, "evaluation/confusion.json", b"{}")

    assert store.reader.artifact(store.get(run_id), "evaluation/confusion.json") == b"{}"


def test_data_set_is_an_input_of_the_run(store: Store) -> None:
    run_id = queue_one(store)
    store.log_dataset(
        run_id, DatasetRecord(name="digits", digest="ab" * 32, input_shape=(8, 8, 1), samples={"train": 9})
    )

    (found,) = store.client.get_run(run_id).inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("digits", "ab" * 18)
    assert '"shape\\": [-1, 8, 8, 1]' in found.dataset.schema
    assert '"train_samples": 9' in found.dataset.profile


def test_table_is_an_input_with_a_schema_of_its_columns(store: Store) -> None:
    from mlflow.types import Schema

    run_id = queue_one(store)
    columns = [("size", "double"), ("day", "datetime"), ("answer", "string")]
    store.log_dataset(run_id, DatasetRecord(name="mine", digest="ab" * 32, input_shape=(8,), columns=columns))
    (found,) = store.client.get_run(run_id).inputs.dataset_inputs
    schema = Schema.from_json(json.dumps(json.loads(found.dataset.schema)["mlflow_colspec"]))
    assert dict(zip(schema.input_names(), (str(kind) for kind in schema.input_types()), strict=True)) == {
        "size": "DataType.double",
        "day": "DataType.datetime",
        "answer": "DataType.string",
    }


def test_delete_and_restore(store: Store) -> None:
    run_id = queue_one(store)
    store.delete(run_id)
    assert store.reader.page(RunQuery()).total == 0
    assert store.get(run_id).run_id == run_id
    store.restore(run_id)
    assert store.reader.page(RunQuery()).total == 1


def test_unknown_run(store: Store) -> None:
    with pytest.raises(RunNotFoundError, match="Run '0000"):
        store.get("0" * 32)
    with pytest.raises(RunNotFoundError, match="Run not found in the store"):
        store.set_tags("0" * 32, {"a": "b"})


def test_run_of_another_program_has_no_config(store: Store) -> None:
    run_id = store.client.create_run("0").info.run_id

    with pytest.raises(ConfigError, match="it was logged by another program"):
        config_of(store.reader.artifact, store.get(run_id))


def test_deleted_experiment_is_restored(store: Store) -> None:
    first = store.get(queue_one(store, experiment="mine"))
    store.client.delete_experiment(first.experiment_id)
    second = store.get(queue_one(store, experiment="mine"))

    assert second.experiment_id == first.experiment_id


def test_prepare_leaves_a_store_as_it_is(store: Store) -> None:
    run_id = queue_one(store)
    store.prepare()

    assert store.get(run_id).status is Status.SCHEDULED


def test_database_that_may_not_grow_is_called_full(store: Store) -> None:
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        # SQLite raises it to the number of pages that there are.
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", limit)
    try:
        run_id = queue_one(store)
        with pytest.raises(StoreUnreachableError, match=r"is full .* free disk space and try again"):
            store.set_tags(run_id, {f"tag {number}": "x" * 5_000 for number in range(100)})
    finally:
        event.remove(Engine, "connect", limit)


def test_damaged_store_is_one_sentence(home: Home) -> None:
    home.database.write_bytes(b"not a database, whatever its name says" * 200)

    with pytest.raises(StoreError, match="file is not a database"):
        open_store(f"sqlite:///{home.database}", home).prepare()


def test_folder_that_cannot_be_made(home: Home) -> None:
    (home.path / "file").write_text("")

    with pytest.raises(ResourceError, match=r"folder .* cannot be created"):
        open_store(f"sqlite:///{home.path}/file/mlflow.db", home).prepare()


def test_database_server_that_does_not_answer(home: Home) -> None:
    with pytest.raises(StoreUnreachableError, match="does not respond"):
        open_store("postgresql+psycopg://me:secret@127.0.0.1:9/x", home).prepare()


def test_half_created_run_is_taken_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnreachableError("The disk is full.")

    monkeypatch.setattr(store, "log_file", fail)
    with pytest.raises(StoreUnreachableError, match="disk is full"):
        queue_one(store)
    assert store.reader.page(RunQuery()).total == 0


def test_store_made_meanwhile_by_another_is_kept(home: Home, empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def race(source: object, target: object) -> None:
        shutil.copy(empty_file, home.database)
        raise FileExistsError

    monkeypatch.setattr("trainer.tracking.write.database.os.link", race)
    open_store(f"sqlite:///{home.database}", home).prepare()

    assert [entry.name for entry in home.path.iterdir() if "mlflow" in entry.name] == ["mlflow.db"]
