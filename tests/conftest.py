"""Fixtures that several areas share."""

import gc
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, event

from trainer.home import Home
from trainer.tracking import Store, open_store

# Hypothesis fails a test whose example takes over 0.2 s, unless the variable CI is set: a timed assertion.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of slow tests: begun at the end, one keeps a single process busy while the others wait."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Spare the garbage collector a million objects of libraries and tests, which live as long as the process."""
    gc.collect()
    gc.freeze()


@event.listens_for(Engine, "connect")
def _leave_writing_to_the_system(connection: Any, _record: object) -> None:
    """No test cuts the power, and waiting for the disk at every commit takes longer than all else in a store."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def _made_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose store MLflow has made; that takes seconds, so it is done once and copied."""
    home = Home(tmp_path_factory.mktemp("made")).make()
    open_store(home.tracking_uri(environment={}), home).prepare()
    return home


@pytest.fixture(scope="session")
def fresh_home(_made_home: Home) -> Callable[[Path], Home]:
    """A function that makes a home with an empty store in a folder."""

    def copied(folder: Path) -> Home:
        fresh = Home(folder / "home").make()
        shutil.copy(_made_home.database, fresh.database)
        with sqlite3.connect(fresh.database) as connection:
            connection.execute(
                "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)",
                (str(_made_home.path), str(fresh.path)),
            )
        connection.close()
        return fresh

    return copied


@pytest.fixture
def home(fresh_home: Callable[[Path], Home], tmp_path: Path) -> Home:
    """A home with an empty store."""
    return fresh_home(tmp_path)


@pytest.fixture
def uri(home: Home) -> str:
    """The store's address."""
    return home.tracking_uri(environment={})


@pytest.fixture
def store(home: Home, uri: str) -> Store:
    """The store of `home`."""
    return open_store(uri, home)
