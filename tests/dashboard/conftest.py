"""Homes whose stores hold runs, for the pages."""

import shutil
from pathlib import Path

import pytest

from tests.support.store import seed_store
from trainer.home import Home


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Filling a store takes seconds, so it is done once and copied."""
    home = Home(tmp_path_factory.mktemp("seeded")).make()
    seed_store(home.tracking_uri(environment={}))
    return home


@pytest.fixture
def seeded_home(_seeded: Home, tmp_path: Path) -> Path:
    """A home with one run of every state, that a test may change."""
    fresh = Home(tmp_path / "seeded").make()
    shutil.copy(_seeded.database, fresh.database)
    return fresh.path


@pytest.fixture(scope="session")
def many_runs_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ten thousand runs."""
    home = Home(tmp_path_factory.mktemp("many")).make()
    seed_store(home.tracking_uri(environment={}), count=10_000, epochs=2)
    return home.path
