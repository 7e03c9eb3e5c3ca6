"""A sweep that is read again and again, in a real store."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import add_run, run_id_of
from tests.support.sweep_store import SWEEP_ID, SweepStore, add_sweep
from tests.support.sweeps import sweep_of
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.sweeps import TrialState
from trainer.sweeps.following import Follower
from trainer.sweeps.importance_program import read_answer, request
from trainer.tracking import Status, Tag, open_reader, open_store

_STORE = SweepStore(
    sweep=sweep_of(trials=30, pruner="median", confirm="2x2"), trials=24, running=2, status=Status.RUNNING, fresh=0
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").make()
    add_sweep(home, _STORE)
    return home


def test_follower_sees_new_and_ended_trials_without_reading_all_again(home: Home) -> None:
    uri = home.tracking_uri(environment={})
    store, reader, now = open_store(uri, home), open_reader(uri), [0.0]
    follower = Follower(reader, SWEEP_ID, clock=lambda: now[0])
    first = follower.look()
    assert first is not None
    assert first.live
    assert [each.number for each in first.trials] == list(range(24))
    assert {each.state for each in first.trials} == set(TrialState) - {TrialState.STOPPED}
    assert follower.look() is first, "nothing was written"

    *_, last = _STORE.runs()
    new = replace(last, label="new", tags={**last.tags, str(Tag.TRIAL): "24"})
    add_run(uri, home.path / "artifacts", new)
    store.set_tags(run_id_of("sweep trial 22"), {str(Tag.TRIAL_PRUNED): "2"})
    store.set_status(run_id_of("sweep trial 22"), Status.KILLED)
    asked: list[int] = []
    whole = reader.histories
    reader.histories = lambda ids, *rest, **more: asked.append(len(ids)) or whole(ids, *rest, **more)  # type: ignore[method-assign]
    second = follower.look()
    assert second is not None
    assert len(second.trials) == 25
    assert second.trials[22].state is TrialState.PRUNED
    assert second.trials[:20] == first.trials[:20]
    assert sum(asked) <= 4, "only those that changed"

    # What a person deletes is seen when all trials are read again.
    store.delete(run_id_of("sweep trial 0"))
    now[0] += 60
    third = follower.look()
    assert third is not None
    assert third.trials[0].state is TrialState.FAILED


def test_follower_refuses_a_run_that_is_no_sweep(home: Home) -> None:
    reader = open_reader(home.tracking_uri(environment={}))
    with pytest.raises(ConfigError, match="is not a sweep"):
        Follower(reader, run_id_of("sweep trial 0")).look()
    assert Follower(reader, "0" * 32).look() is None


def test_grid_wants_no_more_trials_than_it_has_combinations(home: Home) -> None:
    grid = sweep_of("search: {layers.2.units: [8, 16, 32]}", trials=50, sampler="grid")
    add_sweep(home, SweepStore(sweep=grid, trials=2, status=Status.RUNNING, label="grid"))
    seen = Follower(open_reader(home.tracking_uri(environment={})), run_id_of("grid")).look()
    assert seen is not None
    assert seen.wanted == 3


def test_importances_are_computed_by_a_program_of_their_own(home: Home) -> None:
    seen = Follower(open_reader(home.tracking_uri(environment={})), SWEEP_ID).look()
    assert seen is not None
    command = [sys.executable, "-m", "trainer.sweeps.importance_program"]
    few = subprocess.run(command, input=request(seen.sweep, seen.trials), capture_output=True, text=True, check=True)
    assert read_answer(few.stdout) is None, "fewer than twenty complete trials"
