"""A sweep that a real worker trains, undisturbed and with everything killed: the same trials, the same bits."""

import os
import signal

import psutil
import pytest

from tests.support.sweeps import NETWORK
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config.search import load_sweep
from trainer.execution.control.sweep import start_sweep
from trainer.home import Home
from trainer.sweeps import TrialState
from trainer.sweeps.records import sweep_trials, trial_runs
from trainer.tracking import Run, Status, Store, Tag

pytestmark = pytest.mark.slow

SWEEP = load_sweep(
    f"{NETWORK.replace('epochs: 9', 'epochs: 4')}"
    "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}, layers.2.units: [8, 16]}\n"
    "sweep: {trials: 4, pruner: median}\n"
)


def _trials(store: Store, sweep: Run) -> list[object]:
    trials = sweep_trials(store.reader, sweep, SWEEP.settings)
    weights = {run.run_id: run.tags.get(Tag.WEIGHTS) for run in trial_runs(store.reader, sweep.run_id)}
    assert all(each.state is TrialState.COMPLETE for each in trials)
    assert all(weights.values())
    return [(each.number, each.values, each.results, each.course, weights[each.run_id]) for each in trials]


def test_sweep_gives_the_same_bits_whatever_is_killed(home: Home, uri: str, store: Store) -> None:
    with running_worker(home, uri) as worker:
        quiet = wait_for_end(store, start_sweep(store, SWEEP, home=home))
        assert quiet.status is Status.FINISHED, quiet.tags.get(Tag.FAILURE)
        sweep_id = start_sweep(store, SWEEP, home=home, again=True)
        wait_for(lambda: _training(store, sweep_id, "1"), "the second trial")
        psutil.Process(_training(store, sweep_id, "1")).kill()
        wait_for(lambda: _training(store, sweep_id, "2"), "the third trial")
        os.kill(worker.pid, signal.SIGKILL)
    with running_worker(home, uri, warm=False):
        disturbed = wait_for_end(store, sweep_id)
    assert disturbed.status is Status.FINISHED, disturbed.tags.get(Tag.FAILURE)
    assert _trials(store, disturbed) == _trials(store, quiet)
    assert len(trial_runs(store.reader, sweep_id)) == 4, "no trial is repeated"


def _training(store: Store, sweep_id: str, number: str) -> int:
    """Return the process that trains a trial; 0 if none does yet."""
    for run in trial_runs(store.reader, sweep_id, (Status.RUNNING,)):
        if run.tags[Tag.TRIAL] == number and run.owner is not None and Tag.STARTED in run.tags:
            return run.owner.pid
    return 0
