"""The schema of a store and of the installed MLflow."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.old_store import LATER, stamp
from trainer.errors import StoreError
from trainer.home import Home
from trainer.tracking import RunQuery, Store, open_reader, open_store
from trainer.tracking.schema import installed_schemas, written_by


def test_installed_schemas_are_as_alembic_orders_them() -> None:
    from alembic.script import ScriptDirectory
    from mlflow.store.db.utils import _get_alembic_config

    scripts = ScriptDirectory.from_config(_get_alembic_config(""))
    assert list(installed_schemas()) == [each.revision for each in scripts.walk_revisions()][::-1]


def test_schemas_are_known_without_mlflow() -> None:
    code = (
        "import sys; from trainer.tracking.schema import installed_schemas; assert len(installed_schemas()) > 60;"
        "assert 'mlflow' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("schema", "writer"),
    [
        (None, "an MLflow before 1.0"),
        ("451aebb31d03", "an MLflow between 1.0 and 1.30"),
        ("acf3f17fdcc7", "MLflow 2.9 or a release close to it"),
        ("867495a8f9d4", "an MLflow between 2.9 and 2.16"),
        ("dc11669786a5", "MLflow 3.17 or a release close to it"),
        (LATER, ""),
    ],
)
def test_writer_of_a_schema(schema: str | None, writer: str) -> None:
    assert written_by(schema) == writer


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (
            "0584bdc529eb",
            r"was written by MLflow 2\.22 or a release close to it \(schema 0584bdc529eb\), but MLflow 3\.",
        ),
        (LATER, r"has schema ffffffffffff, which MLflow 3\.\S+ does not know .* upgrade Fitboard and MLflow"),
    ],
)
def test_other_schema_is_one_sentence_to_reader_and_writer(schema: str, told: str, store: Store, home: Home) -> None:
    stamp(home.database, schema)
    before = home.database.read_bytes()
    writer = open_store(store.tracking_uri, home)
    for ask in (lambda: open_reader(store.tracking_uri).page(RunQuery()), writer.prepare, lambda: writer.client):
        with pytest.raises(StoreError, match=told) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert "--tracking-uri" in str(caught.value)
    assert home.database.read_bytes() == before


def test_upgraded_store_is_read_by_the_same_reader(store: Store, home: Home) -> None:
    reader = open_reader(store.tracking_uri)
    stamp(home.database, "0584bdc529eb")
    with pytest.raises(StoreError, match="mlflow db upgrade sqlite:///"):
        reader.experiments()
    stamp(home.database, installed_schemas()[-1])
    assert [one.name for one in reader.experiments()] == ["Default"]


def test_store_without_a_schema_is_of_an_early_mlflow(home: Home, empty_file: Path) -> None:
    shutil.copy(empty_file, home.database)
    with sqlite3.connect(home.database) as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()
    with pytest.raises(StoreError, match=r"written by an MLflow before 1\.0 \(no schema\)"):
        open_store(f"sqlite:///{home.database}", home).prepare()


def test_database_of_another_program_is_left_alone(home: Home) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
        # Optuna keeps the version of its own tables under the same name.
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('v3.2.0.a')")
    connection.close()
    before = home.database.read_bytes()
    for ask in (
        open_store(f"sqlite:///{home.database}", home).prepare,
        lambda: open_reader(f"sqlite:///{home.database}").page(RunQuery()),
    ):
        with pytest.raises(StoreError, match=r"is a database of another program \(with the tables songs\)"):
            ask()
    assert home.database.read_bytes() == before
