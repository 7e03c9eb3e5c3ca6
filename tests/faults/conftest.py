"""The table of all faults, and the undisturbed run that every other has to equal."""

import random
from collections.abc import Iterator

import pytest

from tests.support.fault_table import SEED, Table
from tests.support.faults import Reference, Scene, fault_config
from tests.support.worker import wait_for_end
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.home import Home
from trainer.tracking import Status, open_store


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """The rows of all faults, printed when they are through."""
    made = Table()
    yield made
    plugins = request.config.pluginmanager
    terminal = plugins.getplugin("terminalreporter")
    # One of several processes of pytest-xdist has none.
    if terminal is not None:
        with plugins.getplugin("capturemanager").global_and_fixture_disabled():
            for line in made.lines():
                terminal.write_line(line)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A home of its own with a worker that is ready."""
    home = Home(tmp_path_factory.mktemp("faults")).make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    made = Scene(home, store, random.Random(SEED))
    made.start_worker()
    yield made
    made.stop_worker()


@pytest.fixture(scope="session")
def reference(local: Scene) -> Reference:
    """The undisturbed run."""
    run_id = enqueue(local.store, fault_config(), queue=queue_name(local.home))
    wake_worker(local.home)
    run = wait_for_end(local.store, run_id)
    assert run.status is Status.FINISHED, run.tags
    local.seconds = run.seconds or local.seconds
    return Reference.of(local.store, run)
