"""What only a database can do to its reader."""

import contextlib
import math
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from tests.support.store import SeedRun, add_run, curves_of
from trainer.errors import StoreError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking import Run, RunQuery, Sort, Status, Store, Tag, open_reader
from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.tables import metadata
from trainer.tracking.run import Point


def test_tables_are_as_mlflow_maps_them() -> None:
    from mlflow.store.tracking.dbmodels import models

    for table in metadata.sorted_tables:
        mapped = models.Base.metadata.tables[table.name]
        for column in table.columns:
            theirs = mapped.columns[column.name]
            assert type(theirs.type) is type(column.type), f"{table.name}.{column.name}"
            assert getattr(theirs.type, "length", None) == getattr(column.type, "length", None)
        assert {column.name for column in table.primary_key} == {column.name for column in mapped.primary_key}


def test_reading_loads_no_mlflow_and_no_pandas() -> None:
    code = (
        "import sys; from trainer.tracking import open_reader, RunQuery;"
        "open_reader('sqlite:////nowhere/mlflow.db').page(RunQuery());"
        "assert not {'mlflow', 'pandas', 'tensorflow'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_missing_file_reads_as_empty_until_it_appears(tmp_path: Path, empty_file: Path) -> None:
    file = tmp_path / "later" / "mlflow.db"
    reader = open_reader(f"sqlite:///{file}")

    assert reader.page(RunQuery()).total == 0
    assert reader.get(["0" * 32]) == ()
    assert reader.find("00") == ()
    assert reader.histories(["a"]) == {"a": {}}
    assert reader.experiments() == ()
    assert reader.columns() == ()
    assert not file.exists()

    file.parent.mkdir()
    file.touch()
    assert reader.experiments() == ()
    shutil.copy(empty_file, file)
    assert [one.name for one in reader.experiments()] == ["Default"]


@pytest.mark.parametrize("change", [Path.unlink, lambda file: file.write_bytes(b"")], ids=["deleted", "emptied"])
def test_store_deleted_while_it_is_read_is_no_empty_store(
    tmp_path: Path, empty_file: Path, change: Callable[[Path], None]
) -> None:
    file = Path(shutil.copy(empty_file, tmp_path / "mlflow.db"))
    reader = open_reader(f"sqlite:///{file}")
    assert len(reader.experiments()) == 1

    change(file)
    with pytest.raises(StoreUnreachableError, match=r"have disappeared: its file or its tables were deleted\. Restore"):
        reader.page(RunQuery())

    shutil.copy(empty_file, file)
    assert len(reader.experiments()) == 1


def test_version_changes_with_what_is_written(store: Store, home: Home) -> None:
    reader = open_reader(store.tracking_uri)
    run = SeedRun(label="first", name="first", status=Status.FINISHED, start_time=1)
    run_id = add_run(store.tracking_uri, home.artifacts, run)
    before = reader.version()
    assert before is not None
    assert reader.version() == before
    store.client.set_tag(run_id, "team", "blue")
    assert reader.version() != before


def test_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"no database at all, but long enough for a header" * 100)

    with pytest.raises(StoreError, match=r"cannot be read \(file is not a database\); check the database, or .*\.$"):
        open_reader(f"sqlite:///{file}").page(RunQuery())


_CUT_SHORT = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE tags SET value = 'half'")
connection.execute("UPDATE metrics SET step = step + 1000")
os._exit(1)
"""


def test_write_that_was_cut_short_is_undone_by_the_next_reader(tmp_path: Path, empty_file: Path) -> None:
    file = Path(shutil.copy(empty_file, tmp_path / "mlflow.db"))
    uri = f"sqlite:///{file}"
    curves = {f"metric {number}": [1.0] * 50 for number in range(20)}
    run = SeedRun(label="one", name="one", status=Status.FAILED, start_time=1, end_time=2, curves=curves)
    run_id = add_run(uri, tmp_path, run)
    before = open_reader(uri).get([run_id])
    subprocess.run([sys.executable, "-c", _CUT_SHORT, str(file)], check=False)
    journal = tmp_path / "mlflow.db-journal"
    assert journal.stat().st_size

    assert open_reader(uri).get([run_id]) == before
    assert not journal.exists()


def test_database_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()

    with pytest.raises(StoreError, match="is a database of another program"):
        open_reader(f"sqlite:///{tmp_path}/other.db").page(RunQuery())


def test_locked_file_is_unreachable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.tracking.read.sql_engine._PATIENCE_SECONDS", 0.1)
    file = store.tracking_uri.removeprefix("sqlite:///")
    reader = open_reader(store.tracking_uri)
    locking = sqlite3.connect(file, isolation_level=None)
    locking.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnreachableError, match="does not respond"):
            reader.page(RunQuery())
    finally:
        locking.close()
    assert reader.page(RunQuery()).total == 0


def test_reader_cannot_write(store: Store) -> None:
    from sqlalchemy import exc, text

    engine = open_reader(store.tracking_uri)._engine  # type: ignore[attr-defined]
    with engine.connect() as connection, pytest.raises(exc.OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM runs"))


@pytest.mark.parametrize("uri", ["", "mlruns", "file:///tmp/x", "databricks", "ftp://host/x"])
def test_address_of_no_known_kind(uri: str) -> None:
    with pytest.raises(StoreError, match="not a supported tracking URI"):
        open_reader(uri)


def test_password_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        open_reader("postgresql://me:secret@127.0.0.1:1/x").page(RunQuery())
    assert "secret" not in str(caught.value)


def test_link_out_of_the_artifacts_is_refused(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = tmp_path / "artifacts"
    (folder / "inside").mkdir(parents=True)
    (folder / "link.txt").symlink_to(secret)
    (folder / "inside" / "good.txt").symlink_to(folder / "own.txt")
    (folder / "own.txt").write_text("own")
    run = Run(
        run_id="a",
        name="a",
        experiment_id="0",
        experiment="Default",
        status=Status.FINISHED,
        start_time=0,
        end_time=0,
        artifact_uri=folder.as_uri(),
    )

    with pytest.raises(StoreError, match="points outside"):
        store.reader.artifact(run, "link.txt")
    assert store.reader.artifact(run, "inside/good.txt") == b"own"


def test_restarted_run_shows_each_epoch_once_and_others_all(store: Store, home: Home) -> None:
    for label, tags in (("ours", {str(Tag.CONFIG_DIGEST): "a"}), ("theirs", {})):
        run = SeedRun(label=label, name=label, status=Status.RUNNING, start_time=1_000, tags=tags, curves=curves_of(3))
        run_id = add_run(store.tracking_uri, home.artifacts, run)
        store.log_metrics(run_id, [Point("loss", 0.5, 9_000_000, 1)])

    found = store.reader.histories([run.run_id for run in store.reader.page(RunQuery(sort=Sort(name="name"))).runs])
    series = {len(history["loss"].steps): history["loss"] for history in found.values()}
    assert list(series[3].steps) == [1, 2, 3]
    assert series[3].values[0] == 0.5
    assert list(series[4].steps) == [1, 1, 2, 3]


def test_histories_are_read_without_the_index_that_somebody_dropped(store: Store, home: Home) -> None:
    run = SeedRun(label="one", name="one", status=Status.FINISHED, start_time=1, curves={"loss": [0.5, 0.25]})
    run_id = add_run(store.tracking_uri, home.artifacts, run)
    before = store.reader.histories([run_id])
    with contextlib.closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("DROP INDEX index_metrics_run_uuid_key_step")
    assert store.reader.histories([run_id]) == before
    assert store.reader.histories([run_id], ["loss"], known=before) == before
    assert before[run_id]["loss"].values == (0.5, 0.25)


def test_search_on_a_server_leaves_the_case_of_letters_to_its_locale() -> None:
    asked = str(matching_runs(RunQuery(text="ÜNÏ")).compile(dialect=postgresql.dialect()))

    assert "lower(normalize(runs.name))" in asked
    assert "GLOB" not in asked


def _broken(seeded: tuple[str, dict[str, str]], folder: Path, *changes: str) -> str:
    """The address of a copy of the seeded store with these statements done to it."""
    file = folder / "broken.db"
    shutil.copy(seeded[0].removeprefix("sqlite:///"), file)
    with sqlite3.connect(file) as connection:
        for change in changes:
            connection.execute(change, {"id": seeded[1]["finished"]})
    connection.close()
    return f"sqlite:///{file}"


def test_what_is_no_number_is_shown_as_none(seeded: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    uri = _broken(
        seeded,
        tmp_path,
        "UPDATE latest_metrics SET value = 'text' WHERE run_uuid = :id AND key = 'loss'",
        "UPDATE metrics SET value = x'00ff' WHERE run_uuid = :id AND key = 'loss' AND step = 2",
        "UPDATE metrics SET step = 'third' WHERE run_uuid = :id AND key = 'loss' AND step = 3",
        "UPDATE metrics SET timestamp = 'noon' WHERE run_uuid = :id AND key = 'val_loss' AND step = 1",
        "UPDATE runs SET start_time = 'noon', end_time = 'later' WHERE run_uuid = :id",
    )
    reader = open_reader(uri)
    (run,) = reader.get([seeded[1]["finished"]])
    series = reader.histories([run.run_id])[run.run_id]

    assert math.isnan(run.metrics["loss"])
    assert (run.start_time, run.end_time, run.seconds) == (None, None, None)
    assert list(series["loss"].steps) == [1, 2, 4, 5]
    assert math.isnan(series["loss"].values[1])
    assert series["val_loss"].times[0] == 0
    assert len(reader.page(RunQuery(limit=50)).runs) == 12


def test_text_that_is_no_unicode_is_read_all_the_same(seeded: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    uri = _broken(
        seeded,
        tmp_path,
        "UPDATE runs SET name = CAST(x'ff41' AS TEXT) WHERE run_uuid = :id",
        "UPDATE params SET value = x'ff42' WHERE run_uuid = :id AND key = 'seed'",
    )
    reader = open_reader(uri)
    (run,) = reader.get([seeded[1]["finished"]])

    assert (run.name, run.params["seed"]) == ("\ufffdA", "\ufffdB")
    assert [each.run_id for each in reader.page(RunQuery(text="\ufffda")).runs] == [run.run_id]


@pytest.mark.parametrize(
    "address", ["/tmp/a\0b", "file:///tmp/a%00b", "http://[::1", "/tmp/" + "long" * 100, "/dev/null/x", "weird://x"]
)
def test_artifact_address_that_is_none_is_a_sentence_or_nothing(
    seeded: tuple[str, dict[str, str]], address: str
) -> None:
    reader = open_reader(seeded[0])
    run = replace(reader.get([seeded[1]["finished"]])[0], artifact_uri=address)

    for question in (lambda: reader.artifact(run, "config.yaml"), lambda: reader.artifacts(run)):
        with contextlib.suppress(StoreError):
            assert question() in (None, ())


def test_links_that_go_in_circles_are_a_sentence(seeded: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    reader = open_reader(seeded[0])
    run = replace(reader.get([seeded[1]["finished"]])[0], artifact_uri=str(tmp_path / "a"))

    with pytest.raises(StoreError, match="cannot be read"):
        reader.artifact(run, "config.yaml")
