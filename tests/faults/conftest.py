"""The table of all faults, and the undisturbed run that every other has to equal."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.faults import Fault, Reference, Row, Scene, Trial, fault_config
from tests.support.worker import wait_for_end
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.home import Home
from trainer.tracking import Status, open_store

_TRIES = int(os.environ.get("FITBOARD_FAULTS") or "1")
_SEED = int(os.environ.get("FITBOARD_FAULTS_SEED") or "0") or random.SystemRandom().randrange(1, 10**9)
_CHANCES = 4
"""A fault that did not bite, since the run had ended for example, is not counted; so many trials there are for each."""

_HEAD = f"{'fault':<36}{'tried':>6}{'survived':>10}{'expected':>10}{'found':>8}   (points)"


@dataclass
class Table:
    """The rows so far."""

    rows: list[Row] = field(default_factory=list)

    def fill(self, name: str, fault: Fault, scene: Scene, reference: Reference) -> None:
        """Tries the fault as often as is asked for; fails with what went wrong and the seed that repeats it."""
        row = Row(name)
        self.rows.append(row)
        told: list[str] = []
        for chance in range(_TRIES * _CHANCES):
            seed = f"{_SEED}/{name}/{chance}"
            scene.random = random.Random(seed)
            trial = Trial(scene, fault_config())
            run, bit = trial.run(fault)
            problems = list(trial.problems(run, reference))
            told += [f"{seed}: run {run.run_id}: {problem}" for problem in problems]
            if bit:
                row.tried += 1
                row.survived += not problems
                row.expected += reference.points
                row.found += Reference.of(scene.store, run).points
            if row.tried == _TRIES:
                break
        if row.tried < _TRIES:
            told.append(f"it bit {row.tried} times only in {_TRIES * _CHANCES} trials")
        assert not told, "\n".join([f"FITBOARD_FAULTS_SEED={_SEED} repeats this:", *told])


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """The rows of all faults, printed when they are through."""
    made = Table()
    yield made
    plugins = request.config.pluginmanager
    with plugins.getplugin("capturemanager").global_and_fixture_disabled():
        for line in ["", f"seed {_SEED}", _HEAD, *map(str, made.rows)]:
            plugins.getplugin("terminalreporter").write_line(line)


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A home of its own with a worker that is ready."""
    home = Home(tmp_path_factory.mktemp("faults")).make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    made = Scene(home, store, random.Random(_SEED))
    made.start_worker()
    yield made
    made.stop_worker()


@pytest.fixture(scope="session")
def reference(scene: Scene) -> Reference:
    """The undisturbed run."""
    run_id = enqueue(scene.store, fault_config(), queue=queue_name(scene.home))
    wake_worker(scene.home)
    run = wait_for_end(scene.store, run_id, 180)
    assert run.status is Status.FINISHED, run.tags
    scene.seconds = run.seconds or scene.seconds
    return Reference.of(scene.store, run)
