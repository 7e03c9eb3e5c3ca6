"""Fixtures that several areas share."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import settings

from trainer.home import Home
from trainer.tracking import Store, open_store

# Hypothesis fails a test whose example takes over 0.2 s, unless the variable CI is set: a timed assertion.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def _made_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose store MLflow has made; that takes seconds, so it is done once and copied."""
    home = Home(tmp_path_factory.mktemp("made")).make()
    open_store(home.tracking_uri(environment={}), home).prepare()
    return home


@pytest.fixture
def home(_made_home: Home, tmp_path: Path) -> Home:
    """A home with an empty store."""
    fresh = Home(tmp_path / "home").make()
    shutil.copy(_made_home.database, fresh.database)
    with sqlite3.connect(fresh.database) as connection:
        connection.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)",
            (str(_made_home.path), str(fresh.path)),
        )
    connection.close()
    return fresh


@pytest.fixture
def uri(home: Home) -> str:
    """The store's address."""
    return home.tracking_uri(environment={})


@pytest.fixture
def store(home: Home, uri: str) -> Store:
    """The store of `home`."""
    return open_store(uri, home)
