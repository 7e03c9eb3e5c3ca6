"""Stores of these tests: one seeded and only read, and new ones to write to, copied since making one takes seconds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import MlflowServer
from tests.support.store import SeedRun, add_run, seed_store
from trainer.home import Home
from trainer.tracking import RunReader, Status, Store, open_reader, open_store


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The address of a seeded SQLite store, and its run ids by label: two more than elsewhere, one of them deleted."""
    folder = tmp_path_factory.mktemp("seeded")
    uri = f"sqlite:///{folder}/mlflow.db"
    ids = seed_store(uri)
    unicode = SeedRun(
        label="unicode",
        name="ÜNÏ Straße 😀",
        status=Status.FAILED,
        start_time=1,
        end_time=9,
        params={"Größe": "так"},
        tags={"team": "Blue"},
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


@pytest.fixture(params=["sql", pytest.param("rest", marks=pytest.mark.slow)])
def reader(request: pytest.FixtureRequest, seeded: tuple[str, dict[str, str]]) -> RunReader:
    """Both readers, each over the same runs."""
    if request.param == "sql":
        return open_reader(seeded[0])
    return open_reader(request.getfixturevalue("server").uri)


@pytest.fixture(scope="session")
def ids(seeded: tuple[str, dict[str, str]]) -> dict[str, str]:
    """The seeded runs' ids by label."""
    return seeded[1]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store as `prepare` makes it."""
    home = Home(tmp_path_factory.mktemp("empty")).make()
    open_store(home.tracking_uri(environment={}), home).prepare()
    return home.database


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


@pytest.fixture
def store(home: Home, empty_file: Path) -> Store:
    """A new store to write to."""
    shutil.copy(empty_file, home.database)
    return open_store(home.tracking_uri(environment={}), home)
