"""Runs survive kill -9, Ctrl-C, a process that stands still and a full disk, and end with the undisturbed run's bits.

`make faults N=50` tries each fault 50 times; FITBOARD_FAULTS_SEED repeats what a failure printed.
"""

import os
import random
from collections.abc import Iterator

import pytest

from tests.support.faults import FAULTS, Reference, Row, Scene, Trial, fault_config
from tests.support.worker import wait_for_end
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.home import Home
from trainer.tracking import Status, open_store

pytestmark = pytest.mark.slow

_TRIES = int(os.environ.get("FITBOARD_FAULTS", "1"))
_SEED = int(os.environ.get("FITBOARD_FAULTS_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
_HEAD = f"{'fault':<32}{'tried':>6}{'survived':>10}{'expected':>10}{'found':>8}   (points)"


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[Row]]:
    """The rows of all faults, printed when they are through."""
    rows: list[Row] = []
    yield rows
    plugins = request.config.pluginmanager
    with plugins.getplugin("capturemanager").global_and_fixture_disabled():
        for line in ["", f"seed {_SEED}", _HEAD, *map(str, rows)]:
            plugins.getplugin("terminalreporter").write_line(line)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A home of its own with a worker that is ready."""
    home = Home(tmp_path_factory.mktemp("faults")).make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    made = Scene(home, store, random.Random(_SEED))
    made.start_worker()
    yield made
    made.stop_worker()


@pytest.fixture(scope="module")
def reference(scene: Scene) -> Reference:
    """The undisturbed run."""
    run_id = enqueue(scene.store, fault_config(), queue=queue_name(scene.home))
    wake_worker(scene.home)
    run = wait_for_end(scene.store, run_id, 180)
    assert run.status is Status.FINISHED, run.tags
    return Reference.of(scene.store, run)


@pytest.mark.parametrize("name", FAULTS)
def test_run_survives(name: str, scene: Scene, reference: Reference, table: list[Row]) -> None:
    row = Row(name)
    table.append(row)
    told: list[str] = []
    for attempt in range(_TRIES):
        seed = f"{_SEED}/{name}/{attempt}"
        scene.random = random.Random(seed)
        trial = Trial(scene, fault_config())
        run = trial.run(FAULTS[name])
        problems = list(trial.problems(run, reference))
        row.tried += 1
        row.survived += not problems
        row.expected += reference.points
        row.found += Reference.of(scene.store, run).points
        told += [f"{seed}: run {run.run_id}: {problem}" for problem in problems]
    assert not told, "\n".join([f"FITBOARD_FAULTS_SEED={_SEED} repeats this:", *told])
