"""Homes whose stores hold runs, for the pages."""

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner

from dashboard.loaders import checks
from tests.support.store import seed_store
from trainer.home import Home


@pytest.fixture(scope="session", autouse=True)
def _packages_are_scanned_once() -> Iterator[None]:
    """As in the pages' server: it looks for components in all installed packages when it starts.

    Each `AppTest` of Streamlit 1.67 does too, which takes twice as long as a page.
    """
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def _pages_leave_keras_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in the pages' server, where Keras is not loaded.

    Streamlit 1.67 clears Keras's session and collects garbage after each run of a page. In a process that has trained
    networks before, that took 45 s.
    """
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)
    collects = config.get_option("runner.postScriptGC")
    config.set_option("runner.postScriptGC", False)
    yield
    config.set_option("runner.postScriptGC", collects)


@pytest.fixture(autouse=True)
def _pages_start_no_inspector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would load TensorFlow, and live on until the process of the tests ends."""
    monkeypatch.setattr(checks, "ensure_inspector", lambda: None)


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
