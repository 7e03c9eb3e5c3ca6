"""A sweep on a team's cluster, whose worker, nodes, database and storage fail at random moments.

`make faults N=20` makes 20 faults in a sweep of 20 trials. Without it nothing is done, as it takes minutes: each of
these faults has a quick test of its own.
"""

import contextlib
import importlib.util
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.fault_table import SEED, TRIES
from tests.support.postgres import PostgresServer, missing_postgres
from tests.support.ray_cluster import RayCluster, ray_cluster
from tests.support.s3 import S3Server
from tests.support.sweeps import NETWORK, outcome_of
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config.search import SweepFile, load_sweep
from trainer.errors import StoreUnreachableError
from trainer.execution.control.sweep import start_sweep
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.home import Home
from trainer.sweeps.records import trial_runs
from trainer.tracking import Run, Status, Store, Tag, open_store
from trainer.tracking.artifact_root import VARIABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(TRIES == 1, reason="takes minutes; FITBOARD_FAULTS=20 makes 20 faults"),
]

_TRIALS = 20
_AWAY_SECONDS = 60.0
_PAUSE_SECONDS = 8.0
_PATIENCE = 1_500.0
_MOST_HITS = 3


def _sweep() -> SweepFile:
    search = "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}, layers.2.units: [8, 16]}\n"
    # With two at once only proposals that do not depend on results are the same each time.
    settings = f"sweep: {{trials: {_TRIALS}, sampler: random, jobs: 2, confirm: no}}\n"
    return load_sweep(NETWORK.replace("epochs: 9", "epochs: 40") + search + settings)


@dataclass
class _Scene:
    """A home with its database, storage and cluster, and a worker."""

    home: Home
    store: Store
    database: PostgresServer
    storage: S3Server
    cluster: RayCluster
    chance: random.Random
    worker: contextlib.AbstractContextManager[subprocess.Popen[bytes]] | None = None
    process: subprocess.Popen[bytes] | None = None
    faults: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)

    def start_worker(self) -> None:
        options = ExecutorChoice(name=ExecutorName.RAY, address=self.cluster.address).arguments()
        self.worker = running_worker(self.home, self.store.tracking_uri, jobs=2, options=options)
        self.process = self.worker.__enter__()

    def stop_worker(self) -> None:
        if self.worker is not None:
            self.worker.__exit__(None, None, None)

    def kill_worker(self) -> None:
        assert self.process is not None
        self.process.kill()
        # What it forked ends without it, as after a crash.
        self.process.wait()
        self.start_worker()

    def kill_node(self) -> None:
        self.cluster.kill_node()
        time.sleep(self.chance.uniform(0, 5))
        self.cluster.add_node()

    def restart_database(self) -> None:
        self.database.restart(self.chance.uniform(0, 5))

    def take_storage_away(self) -> None:
        self.storage.go_away()
        time.sleep(_AWAY_SECONDS)
        self.storage.come_back()

    def run_of(self, run_id: str) -> Run | None:
        with contextlib.suppress(StoreUnreachableError):
            return self.store.get(run_id)
        return None

    def has_ended(self, run_id: str) -> bool:
        run = self.run_of(run_id)
        return run is not None and run.status.ended

    def disturb(self, sweep_id: str) -> None:
        """Make faults at random moments until the sweep has ended, or there were enough."""
        kinds: list[Callable[[], None]] = [self.kill_worker, self.kill_node, self.restart_database]
        for number in range(TRIES):
            time.sleep(self.chance.uniform(0, _PAUSE_SECONDS))
            if self.has_ended(sweep_id):
                return
            # Once is enough for what takes a minute.
            fault = self.take_storage_away if number == 1 else self.chance.choice(kinds)
            if fault == self.kill_node:
                self.hits.update(run.run_id for run in trial_runs(self.store.reader, sweep_id, (Status.RUNNING,)))
                # A run whose process dies for the fourth time fails.
                fault = fault if max(self.hits.values(), default=0) <= _MOST_HITS else self.restart_database
            self.faults[fault.__name__] += 1
            fault()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Scene]:
    if reason := missing_postgres():
        pytest.skip(reason)
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with contextlib.ExitStack() as opened:
        database = opened.enter_context(PostgresServer())
        storage = opened.enter_context(S3Server(tmp_path / "s3.log"))
        for name, value in storage.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(VARIABLE, storage.create("artifacts"))
        home = Home(tmp_path / "home").make()
        store = open_store(database.create("runs"), home)
        store.prepare()
        cluster = opened.enter_context(ray_cluster())
        made = _Scene(home, store, database, storage, cluster, random.Random(f"{SEED}/cluster"))
        made.start_worker()
        try:
            yield made
        finally:
            made.stop_worker()
            store.client._tracking_client.store.engine.dispose()
            store.reader.close()


def test_sweep_on_a_cluster_gives_the_same_bits_whatever_fails(scene: _Scene) -> None:
    sweep, told = _sweep(), f"FITBOARD_FAULTS_SEED={SEED} repeats this"
    quiet = wait_for_end(scene.store, start_sweep(scene.store, sweep, home=scene.home, again=True), _PATIENCE)
    assert quiet.status is Status.FINISHED, quiet.tags.get(Tag.FAILURE)
    sweep_id = start_sweep(scene.store, sweep, home=scene.home, again=True)
    scene.disturb(sweep_id)
    wait_for(lambda: scene.has_ended(sweep_id), f"the end of the sweep; {told}", _PATIENCE, every=0.1)
    disturbed = scene.store.get(sweep_id)
    assert disturbed.status is Status.FINISHED, (disturbed.tags.get(Tag.FAILURE), told)
    assert outcome_of(scene.store, disturbed) == outcome_of(scene.store, quiet), told
    runs = trial_runs(scene.store.reader, sweep_id)
    assert [run.status for run in runs] == [Status.FINISHED] * _TRIALS, f"a trial is repeated or stuck; {told}"
    assert scene.faults, "the sweep was over before the first fault"
    sys.stdout.write(f"{scene.faults} in {disturbed.seconds:.0f} s, undisturbed {quiet.seconds:.0f} s\n")
