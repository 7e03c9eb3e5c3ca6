"""Stores of these tests: one seeded and only read, and new ones to write to, copied since making one takes seconds."""

import math
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer, copy_rows, missing_postgres
from tests.support.server import MlflowServer
from tests.support.store import SeedRun, add_run, seed_store
from trainer.home import Home
from trainer.tracking import Kept, RunReader, Status, Store, Tag, open_reader, open_store
from trainer.tracking.read.sql_reader import SqlReader


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The address of a seeded SQLite store, and its run ids by label: two more than elsewhere, one of them deleted."""
    folder = tmp_path_factory.mktemp("seeded")
    uri = f"sqlite:///{folder}/mlflow.db"
    ids = seed_store(uri)
    kept = Kept(epoch=1, epochs=2, values={"val_loss": 0.125, "maß (1)": math.inf, "loss": math.nan})
    unicode = SeedRun(
        label="unicode",
        name="ÜNÏ Straße 😀",
        status=Status.FAILED,
        start_time=1,
        end_time=9,
        params={"Größe": "так"},
        tags={"team": "Blue", str(Tag.KEPT): kept.dumps()},
    )
    ids["unicode"] = add_run(uri, folder / "artifacts", unicode)
    bin_ = SeedRun(label="deleted", name=" ", status=Status.FAILED, start_time=1, end_time=2, data_digest="0123")
    ids["deleted"] = add_run(uri, folder / "artifacts", bin_)
    open_store(uri, Home(folder)).delete(ids["deleted"])
    return uri, ids


@pytest.fixture(scope="session")
def server(seeded: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """A real server over the same store."""
    folder = tmp_path_factory.mktemp("server")
    with MlflowServer(seeded[0], folder / "artifacts", folder / "server.log") as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL."""
    if missing := missing_postgres():
        pytest.skip(missing)
    with PostgresServer() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql(
    postgres: PostgresServer, seeded: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunReader]:
    """A reader of a PostgreSQL database with the same rows."""
    uri = postgres.create("seeded")
    open_store(uri, Home(tmp_path_factory.mktemp("postgresql")).make()).prepare()
    copy_rows(seeded[0], uri)
    with closing(SqlReader(uri)) as reader:
        yield reader


@pytest.fixture(scope="session")
def _own_postgresql(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, SqlReader]]:
    uri = postgres.create("own")
    store = open_store(uri, Home(tmp_path_factory.mktemp("own")).make())
    store.prepare()
    with closing(SqlReader(uri)) as reader:
        yield store, reader
    # Both keep connections, which Python would report as they are dropped.
    store.client._tracking_client.store.engine.dispose()
    store.reader.close()


@pytest.fixture
def own_postgresql(_own_postgresql: tuple[Store, SqlReader], empty_file: Path) -> tuple[Store, SqlReader]:
    """An empty PostgreSQL store to write to, and its reader."""
    copy_rows(f"sqlite:///{empty_file}", _own_postgresql[0].tracking_uri)
    return _own_postgresql


@pytest.fixture(params=["sql", "postgresql", pytest.param("rest", marks=pytest.mark.slow)])
def reader(request: pytest.FixtureRequest, seeded: tuple[str, dict[str, str]]) -> RunReader:
    """Both readers over the same runs, that of SQL with two databases."""
    if request.param == "sql":
        return open_reader(seeded[0])
    if request.param == "postgresql":
        found: RunReader = request.getfixturevalue("postgresql")
        return found
    return open_reader(request.getfixturevalue("server").uri)


@pytest.fixture(scope="session")
def ids(seeded: tuple[str, dict[str, str]]) -> dict[str, str]:
    """The seeded runs' ids by label."""
    return seeded[1]


@pytest.fixture(scope="session")
def empty_file(_made_home: Home) -> Path:
    """An SQLite store as `prepare` makes it."""
    return _made_home.database


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


@pytest.fixture
def store(home: Home, empty_file: Path) -> Store:
    """A new store to write to."""
    shutil.copy(empty_file, home.database)
    return open_store(home.tracking_uri(environment={}), home)
