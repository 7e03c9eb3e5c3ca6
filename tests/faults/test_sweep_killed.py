"""A sweep proposes the same trials with the same bits whatever is killed, and Ctrl-C ends it as a run.

`FITBOARD_FAULTS=20` makes it a sweep of 20 trials, and kills something 20 times.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.fault_table import SEED, TRIES
from tests.support.faults import Scene
from tests.support.sweeps import NETWORK, outcome_of
from tests.support.worker import wait_for, wait_for_end
from trainer.config.search import SweepFile, load_sweep
from trainer.execution.control.sweep import start_sweep
from trainer.sweeps import Summary
from trainer.sweeps.records import sweep_runs, trial_runs
from trainer.tracking import Status, Tag

pytestmark = pytest.mark.slow

# A run whose process dies for the fourth time fails; one may be hit once more than was seen.
_MOST_HITS = 2
# Seconds for 20 trials on a busy machine.
_PATIENCE = 1_500
SEARCH = "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}, layers.2.units: [8, 16]}\n"


def _sweep(trials: int, epochs: int) -> SweepFile:
    network = NETWORK.replace("epochs: 9", f"epochs: {epochs}")
    return load_sweep(f"{network}{SEARCH}sweep: {{trials: {trials}, pruner: median, confirm: no}}\n")


def _live(scene: Scene, sweep_id: str) -> dict[str, psutil.Process]:
    """Return the trials that train now, with their processes."""
    runs = trial_runs(scene.store.reader, sweep_id, (Status.RUNNING,))
    found = {run.run_id: scene.training(run.run_id) for run in runs if Tag.STARTED in run.tags}
    return {run_id: process for run_id, process in found.items() if process is not None}


def _kill_training(scene: Scene, sweep_id: str) -> None:
    for process in [*_live(scene, sweep_id).values()][:1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _kill_worker(scene: Scene, _: str) -> None:
    scene.kill_worker(everything=False)
    scene.start_worker()


def _kill_everything(scene: Scene, _: str) -> None:
    scene.kill_worker(everything=True)
    scene.start_worker()


def _kills(chance: random.Random) -> Iterator[Callable[[Scene, str], None]]:
    if TRIES == 1:
        # One of each is cheap: a new worker has to import TensorFlow.
        yield from (_kill_training, chance.choice([_kill_worker, _kill_everything]))
    for _ in range(TRIES if TRIES > 1 else 0):
        yield chance.choice([_kill_training, _kill_training, _kill_worker, _kill_everything])


def test_sweep_gives_the_same_bits_whatever_is_killed(local: Scene) -> None:
    many = TRIES > 1
    sweep, chance = _sweep(trials=20 if many else 4, epochs=8 if many else 4), random.Random(f"{SEED}/sweep")
    quiet = wait_for_end(local.store, start_sweep(local.store, sweep, home=local.home, again=True), _PATIENCE)
    assert quiet.status is Status.FINISHED, quiet.tags.get(Tag.FAILURE)
    sweep_id = start_sweep(local.store, sweep, home=local.home, again=True)

    hits: Counter[str] = Counter()

    def has_ended() -> bool:
        return local.store.get(sweep_id).status.ended

    def is_mortal() -> bool:
        return any(hits[run_id] < _MOST_HITS for run_id in _live(local, sweep_id))

    for kill in _kills(chance):
        wait_for(lambda: is_mortal() or has_ended(), "a trial that trains")
        if has_ended():
            break
        local.random = chance
        local.pause(0.2)
        hits.update(_live(local, sweep_id).keys())
        kill(local, sweep_id)
    disturbed = wait_for_end(local.store, sweep_id, _PATIENCE)
    told = f"FITBOARD_FAULTS_SEED={SEED} repeats this"
    assert disturbed.status is Status.FINISHED, disturbed.tags.get(Tag.FAILURE)
    assert outcome_of(local.store, disturbed) == outcome_of(local.store, quiet), told
    assert len(trial_runs(local.store.reader, sweep_id)) == sweep.settings.trials, f"a trial is repeated; {told}"


@contextlib.contextmanager
def _in_the_foreground(scene: Scene, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, psutil.Process]]:
    """Start a sweep that trains for hours; yields its command, its id, and the process of its first trial."""
    file = folder / "sweep.yaml"
    file.write_text(_sweep(trials=3, epochs=100_000).dump())
    command = [sys.executable, "-m", "trainer", "sweep", str(file), "--home", str(scene.home.path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as foreground:
        assert foreground.stdout is not None
        sweep_id = foreground.stdout.readline().strip()
        wait_for(lambda: _live(scene, sweep_id), "a trial that trains")
        try:
            yield foreground, sweep_id, next(iter(_live(scene, sweep_id).values()))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(foreground.pid, signal.SIGKILL)


def _suspend(scene: Scene, training: psutil.Process) -> None:
    """Suspend a process at a moment when it does not hold the lock of the store."""

    def has_suspended() -> bool:
        training.suspend()
        with contextlib.closing(sqlite3.connect(scene.home.database, timeout=1, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                training.resume()
                return False
            database.execute("ROLLBACK")
            return True

    wait_for(has_suspended, "a moment without a write", every=0.05)


def test_interrupted_sweep_evaluates_and_saves_its_trials(local: Scene, tmp_path: Path) -> None:
    with _in_the_foreground(local, tmp_path) as (foreground, sweep_id, _):
        os.killpg(foreground.pid, signal.SIGINT)
        _, told = foreground.communicate(timeout=120)
    assert foreground.returncode == 1
    assert "Stopping: running trials are evaluated and saved." in told
    assert "Traceback" not in told
    run = local.store.get(sweep_id)
    assert run.status is Status.KILLED
    (trial,) = sweep_runs(local.store.reader, sweep_id)
    assert trial.status is Status.KILLED
    assert Tag.WEIGHTS in trial.tags
    assert Summary.loads(run.tags[Tag.SWEEP_SUMMARY]).stopped == 1


def test_second_interrupt_kills_the_trials(local: Scene, tmp_path: Path) -> None:
    with _in_the_foreground(local, tmp_path) as (foreground, sweep_id, training):
        # So that it cannot hear the first one.
        _suspend(local, training)
        os.killpg(foreground.pid, signal.SIGINT)
        assert foreground.stderr is not None
        assert any("Press Ctrl-C again to kill them." in line for line in foreground.stderr)
        os.killpg(foreground.pid, signal.SIGINT)
        foreground.communicate(timeout=120)
    assert foreground.returncode == 1
    assert not training.is_running()
    (trial,) = sweep_runs(local.store.reader, sweep_id)
    assert trial.status is Status.KILLED
    assert Tag.WEIGHTS not in trial.tags
    assert local.store.get(sweep_id).status is Status.KILLED
