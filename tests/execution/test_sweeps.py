"""Sweeps on a real store; the trials are finished by hand, with an objective that needs no training."""

import json
from collections.abc import Callable

import pytest

from tests.support.sweeps import NETWORK, course, sweep_of
from trainer.config.search import SweepFile, load_sweep
from trainer.errors import ConfigError, StoreUnreachableError
from trainer.execution import enqueue, queue_name, request_stop, silent_since
from trainer.execution.control import removal
from trainer.execution.control.sweep import (
    add_trials,
    confirm_sweep,
    continue_sweep,
    pause_sweep,
    start_sweep,
    stop_sweep,
)
from trainer.execution.worker.sweep_driver import SweepDriver
from trainer.execution.worker.sweeper import Sweeper
from trainer.home import Home
from trainer.sweeps import Summary, TrialState, best_trials
from trainer.sweeps.confirmation import confirmations
from trainer.sweeps.records import sweep_file_of, sweep_runs, sweep_trials, sweeps, trial_runs
from trainer.tracking import Owner, Run, RunQuery, Status, Store, Tag
from trainer.tracking.read.config import config_of
from trainer.tracking.record.journal import Journal
from trainer.tracking.record.notes import is_asked_here
from trainer.tracking.run import PARENT_TAG, Point
from trainer.tracking.user import USER_TAG

SEARCH = "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}, layers.2.units: [8, 16]}"
METRIC = "val_accuracy"
OWNER = Owner(host="here", boot="b", pid=1, started=1.0)


def _log(store: Store, run: Run, epochs: int, *, bad: bool = False) -> None:
    values = course(json.loads(run.tags[Tag.TRIAL_VALUES]))
    points = [
        Point(METRIC, float("nan") if bad else values[epoch], 1_000 * epoch, epoch) for epoch in range(1, epochs + 1)
    ]
    store.log_metrics(run.run_id, points)


def _finish(store: Store, run: Run) -> None:
    _log(store, run, 9)
    store.set_status(run.run_id, Status.FINISHED)


def _queued(store: Store, sweep_id: str) -> list[Run]:
    found = trial_runs(store.reader, sweep_id, (Status.SCHEDULED,))
    return sorted(found, key=lambda run: int(run.tags[Tag.TRIAL]))


def _drive(
    store: Store,
    home: Home,
    sweep: SweepFile,
    *,
    forgetful: bool = False,
    finish: Callable[[Store, Run], None] = _finish,
) -> Run:
    """Start a sweep and drive it to its end; with `forgetful`, each step is of a new driver, as after a kill."""
    sweep_id = start_sweep(store, sweep, home=home, again=True)
    driver = SweepDriver(store, sweep_id, home=home)
    for _ in range(60):
        if forgetful:
            driver = SweepDriver(store, sweep_id, home=home)
        if driver.step():
            return store.get(sweep_id)
        for run in _queued(store, sweep_id)[:1]:
            finish(store, run)
    raise AssertionError("the sweep does not end")


def _values(store: Store, run: Run) -> list[object]:
    trials = sweep_trials(store.reader, run, sweep_file_of(store.reader, run).settings)
    return [(each.number, each.values, each.state, each.results, each.judged) for each in trials]


def test_killed_driver_is_continued_with_the_same_trials(home: Home, store: Store) -> None:
    sweep = sweep_of(SEARCH, trials=8, pruner="median")
    kept, forgetful = _drive(store, home, sweep), _drive(store, home, sweep, forgetful=True)
    assert kept.status is forgetful.status is Status.FINISHED
    assert _values(store, kept) == _values(store, forgetful)
    states = {state for _, _, state, _, _ in _values(store, kept)}  # type: ignore[misc]
    assert states == {TrialState.COMPLETE, TrialState.PRUNED}
    summary = Summary.loads(kept.tags[Tag.SWEEP_SUMMARY])
    assert summary.trials == 8
    best = store.get(summary.best_run)
    assert summary.results == (best.metrics[METRIC],)
    assert best.parent == best.tags[Tag.SWEEP] == kept.run_id, "MLflow shows trials nested in their sweep"
    assert best.by_fitboard
    assert not kept.by_fitboard, "no worker may train the run of the sweep"
    assert [run.run_id for run in sweeps(store.reader, 10)] == [forgetful.run_id, kept.run_id]


def test_trial_that_was_half_made_is_proposed_again(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=3), home=home)
    SweepDriver(store, sweep_id, home=home).step()
    first = _queued(store, sweep_id)[0]
    # As if the driver had been killed before the run was queued.
    store.set_status(first.run_id, Status.RUNNING)
    SweepDriver(store, sweep_id, home=home).step()
    again = _queued(store, sweep_id)
    assert [run.tags[Tag.TRIAL] for run in again] == ["0"]
    assert again[0].run_id != first.run_id
    assert again[0].tags[Tag.TRIAL_VALUES] == first.tags[Tag.TRIAL_VALUES]
    # One that a worker has claimed is left alone.
    store.set_tags(again[0].run_id, {Tag.OWNER: OWNER.dumps()})
    store.set_status(again[0].run_id, Status.RUNNING)
    SweepDriver(store, sweep_id, home=home).step()
    assert not store.get(again[0].run_id).deleted


@pytest.mark.parametrize("is_ahead", [False, True], ids=["the store has its epochs", "only its journal has them"])
def test_hopeless_trial_is_stopped_at_its_epoch(home: Home, store: Store, is_ahead: bool) -> None:
    now = 0.0
    sweep = sweep_of(SEARCH, trials=7, pruner="median")
    sweep_id = start_sweep(store, sweep, home=home)
    driver = SweepDriver(store, sweep_id, home=home, clock=lambda: now)
    for _ in range(6):
        driver.step()
        for run in _queued(store, sweep_id):
            _finish(store, run)
    driver.step()
    last = _queued(store, sweep_id)[0]
    store.set_tags(last.run_id, {Tag.OWNER: OWNER.dumps()})
    store.set_status(last.run_id, Status.RUNNING)
    assert not driver.step()
    points = [Point(METRIC, 0.0, 1, 1), Point(METRIC, 0.0, 2, 2)]
    with Journal(home.run(last.run_id)) as journal:
        if is_ahead:
            assert not driver.foresees_pruning()
            journal.append(points)
            assert not driver.foresees_pruning(), "it pauses between two looks"
            now = 1.0
            assert driver.foresees_pruning()
            now = 2.0
            assert not driver.foresees_pruning(), "it says so once"
        else:
            store.log_metrics(last.run_id, points)
    assert not driver.step(), "the sweep waits until the run has ended"
    stopped = store.get(last.run_id)
    assert stopped.tags[Tag.STOP] == "pruned at epoch 1"
    assert stopped.tags[Tag.TRIAL_PRUNED] == "1"
    assert is_asked_here(home.run(last.run_id)), "a process on this machine hears it without asking the store"
    store.set_status(last.run_id, Status.KILLED)
    assert driver.step()
    summary = Summary.loads(store.get(sweep_id).tags[Tag.SWEEP_SUMMARY])
    assert summary.pruned >= 1
    assert summary.failed == 0


def test_finished_configs_are_taken_unless_told_otherwise(home: Home, store: Store) -> None:
    sweep = sweep_of(SEARCH, trials=4)
    first = _drive(store, home, sweep)
    taking = start_sweep(store, sweep, home=home)
    assert SweepDriver(store, taking, home=home).step(), "nothing is left to train"
    taken = store.get(taking)
    assert taken.status is Status.FINISHED
    assert Summary.loads(taken.tags[Tag.SWEEP_SUMMARY]).taken == 4
    assert not trial_runs(store.reader, taking)
    assert _values(store, taken) == _values(store, first)
    anew = start_sweep(store, sweep, home=home, again=True)
    SweepDriver(store, anew, home=home).step()
    assert len(_queued(store, anew)) == 1


def test_sweep_whose_trials_all_fail_says_what_they_share(home: Home, store: Store) -> None:
    def fail(store: Store, run: Run) -> None:
        store.set_tags(run.run_id, {Tag.FAILURE: "The data file is gone."})
        store.set_status(run.run_id, Status.FAILED)

    run = _drive(store, home, sweep_of(SEARCH, trials=20), finish=fail)
    assert run.status is Status.FAILED
    assert run.tags[Tag.FAILURE] == "The first 3 trials failed, all with: The data file is gone."
    assert len(trial_runs(store.reader, run.run_id)) == 3


def test_failed_sweep_that_is_continued_tries_further_trials(home: Home, store: Store) -> None:
    fails = {"0", "1", "2"}

    def finish(store: Store, run: Run) -> None:
        if run.tags[Tag.TRIAL] not in fails:
            _finish(store, run)
            return
        store.set_tags(run.run_id, {Tag.FAILURE: "The data file is gone."})
        store.set_status(run.run_id, Status.FAILED)

    run = _drive(store, home, sweep_of(SEARCH, trials=5), finish=finish)
    assert run.status is Status.FAILED
    continue_sweep(store, run, home=home)
    driver = SweepDriver(store, run.run_id, home=home)
    while not driver.step():
        for each in _queued(store, run.run_id):
            finish(store, each)
    again = store.get(run.run_id)
    assert again.status is Status.FINISHED
    summary = Summary.loads(again.tags[Tag.SWEEP_SUMMARY])
    assert (summary.failed, summary.complete) == (3, 2)


def test_sweep_is_deleted_and_restored_as_any_run(home: Home, store: Store) -> None:
    run = _drive(store, home, sweep_of(SEARCH, trials=1))
    removal.delete(store, run)
    assert sweeps(store.reader, 9) == ()
    for change in (continue_sweep, pause_sweep, stop_sweep):
        with pytest.raises(ConfigError, match=f"is deleted; `fitboard restore {run.short_id}` restores it"):
            change(store, store.get(run.run_id), home=home)
    removal.restore(store, store.get(run.run_id))
    assert [each.run_id for each in sweeps(store.reader, 9)] == [run.run_id]
    assert removal.footprint(store, [run], home).refused == ()
    with pytest.raises(ConfigError, match="is a sweep, which has no process"):
        request_stop(store, run, home=home)


def test_trials_that_people_stop_have_not_failed(home: Home, store: Store) -> None:
    def end(store: Store, run: Run) -> None:
        if int(run.tags[Tag.TRIAL]) < 3:
            store.set_status(run.run_id, Status.KILLED)
        else:
            _finish(store, run)

    run = _drive(store, home, sweep_of(SEARCH, trials=4), finish=end)
    assert run.status is Status.FINISHED
    summary = Summary.loads(run.tags[Tag.SWEEP_SUMMARY])
    assert (summary.stopped, summary.failed, summary.complete, summary.trials) == (3, 0, 1, 4)


def test_objective_that_is_not_a_number_or_not_logged_fails_the_trial(home: Home, store: Store) -> None:
    def spoil(store: Store, run: Run) -> None:
        if run.tags[Tag.TRIAL] == "0":
            _log(store, run, 2, bad=True)
        store.set_status(run.run_id, Status.FINISHED)

    run = _drive(store, home, sweep_of(SEARCH, trials=20), finish=spoil)
    assert run.status is Status.FAILED
    assert "val_accuracy is not a finite number at the end." in run.tags[Tag.FAILURE]
    assert "The run did not log val_accuracy, so there is nothing to compare" in run.tags[Tag.FAILURE]


def test_values_that_make_no_config_fail_without_a_run(home: Home, store: Store) -> None:
    network = NETWORK.replace("{layer: Dropout, rate: 0.2}", "{layer: Residual, layers: [{layer: Dense, units: 16}]}")
    # A block needs at least one layer.
    sweep = load_sweep(f"{network}search: {{layers.3.layers.1: {{present: [true, false]}}}}\n")
    run = _drive(store, home, sweep)
    assert run.status is Status.FINISHED
    trials = sweep_trials(store.reader, run, sweep.settings)
    assert {each.state for each in trials} == {TrialState.COMPLETE, TrialState.FAILED}
    failed = next(each for each in trials if each.state is TrialState.FAILED)
    assert "layers.3.layers: expected a list of at least 1 item" in failed.failure
    assert not failed.run_id


def test_wishes_pause_continue_stop_and_add(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    pause_sweep(store, store.get(sweep_id), home=home)
    _finish(store, _queued(store, sweep_id)[0])
    assert not driver.step()
    assert not _queued(store, sweep_id), "a paused sweep starts nothing"
    continue_sweep(store, store.get(sweep_id), home=home)
    driver.step()
    _finish(store, _queued(store, sweep_id)[0])
    assert driver.step()
    with pytest.raises(ConfigError, match="has finished; add trials"):
        continue_sweep(store, store.get(sweep_id), home=home)
    assert add_trials(store, store.get(sweep_id), 3, home=home) == 5
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    assert [run.tags[Tag.TRIAL] for run in _queued(store, sweep_id)] == ["2"]
    stop_sweep(store, store.get(sweep_id), home=home)
    assert store.get(sweep_id).status is Status.KILLED, "without a worker it is ended at once"
    assert not _queued(store, sweep_id)
    with pytest.raises(ConfigError, match="has already ended"):
        pause_sweep(store, store.get(sweep_id), home=home)


def test_time_limit_starts_no_further_trial(home: Home, store: Store) -> None:
    now = 0.0
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=9, time="1m"), home=home)
    driver = SweepDriver(store, sweep_id, home=home, clock=lambda: now)
    driver.step()
    _finish(store, _queued(store, sweep_id)[0])
    now = 61.0
    assert driver.step()
    run = store.get(sweep_id)
    assert run.status is Status.FINISHED
    assert run.tags[Tag.FAILURE] == "The sweep reached its time limit of 1 min after 1 trial."


def test_best_trials_are_confirmed_with_fresh_seeds(home: Home, store: Store) -> None:
    sweep_id = _drive(store, home, sweep_of(SEARCH, trials=4)).run_id
    with pytest.raises(ConfigError, match="expected trials and seeds such as 3x5"):
        confirm_sweep(store, store.get(sweep_id), "all", home=home)
    confirm_sweep(store, store.get(sweep_id), "2x3", home=home)
    sweep = sweep_file_of(store.reader, store.get(sweep_id))
    driver = SweepDriver(store, sweep_id, home=home)
    confirming = []
    for _ in range(30):
        if driver.step():
            break
        # A driver that replaces a killed one must not repeat a seed.
        driver = SweepDriver(store, sweep_id, home=home)
        for run in sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,)):
            confirming.append(run)
            seed = float(run.params["seed"])
            store.log_metrics(run.run_id, [Point(METRIC, seed, 1, 1), Point("test_accuracy", 10 * seed, 1, 9)])
            store.set_status(run.run_id, Status.FINISHED)
    ended = store.get(sweep_id)
    assert ended.status is Status.FINISHED
    trials = sweep_trials(store.reader, ended, sweep.settings)
    best = [each.number for each in best_trials(trials, (True,))[:2]]
    assert [(int(run.tags[Tag.SWEEP_CONFIRMS]), run.params["seed"]) for run in confirming] == [
        (number, str(seed)) for number in best for seed in (1, 2, 3)
    ]
    found = confirmations(store.reader, sweep, trials)
    assert [(each.number, each.wanted, len(each.runs)) for each in found] == [(best[0], 3, 3), (best[1], 3, 3)]
    assert found[0].metrics[METRIC].mean == 2.0, "without the value that chose it"
    assert found[0].metrics["test_accuracy"].n == 3
    assert len(trials) == 4, "confirming runs are no trials"


def test_all_runs_of_a_sweep_belong_to_whoever_started_it(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=1), home=home, user="ann")
    mine = RunQuery(tags=((USER_TAG, "ann"),))

    def drive() -> None:
        driver = SweepDriver(store, sweep_id, home=home)
        while not driver.step():
            for run in sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,)):
                _log(store, run, 9) if Tag.TRIAL in run.tags else None
                store.set_status(run.run_id, Status.FINISHED)

    drive()
    add_trials(store, store.get(sweep_id), 1, home=home)
    drive()
    confirm_sweep(store, store.get(sweep_id), "1x2", home=home)
    drive()
    runs = sweep_runs(store.reader, sweep_id)
    assert len(runs) == 4
    assert {run.author for run in runs} == {"ann"}
    assert {run.run_id for run in store.reader.page(mine).runs} == {sweep_id, *(run.run_id for run in runs)}
    assert store.client.get_run(sweep_id).info.user_id == "ann"


def test_winner_is_confirmed_by_default_in_the_last_tenth_of_the_time(home: Home, store: Store) -> None:
    now = 0.0
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=10, time="100s", confirm=None), home=home)
    driver = SweepDriver(store, sweep_id, home=home, clock=lambda: now)
    assert not driver.step()
    _finish(store, _queued(store, sweep_id)[0])
    now = 89.0
    assert not driver.step()
    _finish(store, _queued(store, sweep_id)[0])
    now = 90.0
    assert not driver.step()
    summary = Summary.loads(store.get(sweep_id).tags[Tag.SWEEP_SUMMARY])
    assert (summary.trials, summary.confirmed, summary.confirming) == (2, 0, 3), "the best one with three seeds"
    first = sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,))
    assert [run.tags[Tag.SWEEP_CONFIRMS] for run in first] == [str(summary.best)]
    now = 101.0
    assert not driver.step(), "the one that is training may end"
    store.set_status(first[0].run_id, Status.FINISHED)
    assert driver.step(), "no other starts"
    ended = store.get(sweep_id)
    assert ended.tags[Tag.FAILURE] == "The sweep reached its time limit of 1 min 40 s after 2 trials."
    summary = Summary.loads(ended.tags[Tag.SWEEP_SUMMARY])
    assert (summary.confirmed, summary.confirming) == (1, 3)
    confirm_sweep(store, ended, "no", home=home)
    summary = Summary.loads(store.get(sweep_id).tags[Tag.SWEEP_SUMMARY])
    assert (summary.trials, summary.confirmed, summary.confirming) == (2, 0, 0), "no run is wanted"
    # What a person asks for is trained however long it takes.
    confirm_sweep(store, ended, "1x2", home=home)
    assert not SweepDriver(store, sweep_id, home=home, clock=lambda: now).step()
    assert len(sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,))) == 1


def test_stopped_sweep_confirms_without_further_trials(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=9), home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    stop_sweep(store, store.get(sweep_id), home=home)
    with pytest.raises(ConfigError, match="has no complete trial to confirm"):
        confirm_sweep(store, store.get(sweep_id), "1x2", home=home)
    continue_sweep(store, store.get(sweep_id), home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    _finish(store, _queued(store, sweep_id)[0])
    driver.step()
    stop_sweep(store, store.get(sweep_id), home=home)
    confirm_sweep(store, store.get(sweep_id), "1x1", home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    assert not driver.step()
    queued = sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,))
    assert [run.tags.get(Tag.SWEEP_CONFIRMS) for run in queued] == ["1"]
    confirm_sweep(store, store.get(sweep_id), "no", home=home)
    store.set_status(queued[0].run_id, Status.FINISHED)
    assert driver.step()


def test_sweep_is_no_lost_run_and_is_stopped_as_a_sweep(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    store.set_status(sweep_id, Status.RUNNING)
    run = store.get(sweep_id)
    assert silent_since(run, now=(run.start_time or 0) / 1000 + 3_600) is None
    with pytest.raises(ConfigError, match="is a sweep, which has no process; use `fitboard sweep stop`"):
        request_stop(store, run, home=home)


def test_deleted_trial_keeps_its_number(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=3), home=home)
    for _ in range(2):
        SweepDriver(store, sweep_id, home=home).step()
        _finish(store, _queued(store, sweep_id)[0])
    first = next(run for run in trial_runs(store.reader, sweep_id) if run.tags[Tag.TRIAL] == "0")
    store.delete(first.run_id)
    SweepDriver(store, sweep_id, home=home).step()
    assert [run.tags[Tag.TRIAL] for run in _queued(store, sweep_id)] == ["2"]
    trials = sweep_trials(store.reader, store.get(sweep_id), sweep_of(SEARCH).settings)
    assert trials[0].failure == "The run of this trial was deleted."


def test_rerun_of_a_trial_is_no_trial(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    (trial,) = _queued(store, sweep_id)
    _finish(store, trial)
    config = config_of(store.reader.artifact, trial)
    again = store.get(enqueue(store, config, queue=queue_name(home), rerun_of=trial.run_id))
    assert not {Tag.SWEEP, Tag.TRIAL, PARENT_TAG} & again.tags.keys()
    driver.step()
    assert [run.tags[Tag.TRIAL] for run in _queued(store, sweep_id)] == ["1"]
    trials = sweep_trials(store.reader, store.get(sweep_id), sweep_of(SEARCH).settings)
    assert trials[0].run_id == trial.run_id


def test_parallel_trials_are_as_many_as_asked_and_differ(home: Home, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=5, jobs=3), home=home)
    driver = SweepDriver(store, sweep_id, home=home)
    driver.step()
    queued = _queued(store, sweep_id)
    assert len(queued) == 3
    assert len({run.tags[Tag.TRIAL_VALUES] for run in queued}) == 3
    assert [run.tags.get(Tag.TRIAL_PENDING) for run in queued] == [None, "[0]", "[0, 1]"]
    assert all(run.tags[PARENT_TAG] == sweep_id for run in queued)
    driver.step()
    assert len(_queued(store, sweep_id)) == 3


def test_sweeper_survives_a_store_that_fails_in_the_middle_of_a_trial(
    home: Home, uri: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    sweeper = Sweeper(store, home=home, tracking_uri=uri)
    with monkeypatch.context() as failing:
        # The run exists, but neither its config nor its removal reaches the store.
        failing.setattr(Store, "log_file", _fails)
        failing.setattr(Store, "delete", _fails)
        with pytest.raises(StoreUnreachableError):
            sweeper.look()
    half_made = trial_runs(store.reader, sweep_id)
    assert [run.status for run in half_made] == [Status.RUNNING]
    sweeper.look()
    queued = _queued(store, sweep_id)
    assert [run.tags[Tag.TRIAL] for run in queued] == ["0"]
    assert queued[0].tags[Tag.TRIAL_VALUES] == half_made[0].tags[Tag.TRIAL_VALUES]
    assert store.get(half_made[0].run_id).deleted


def test_sweeper_fails_a_sweep_that_it_cannot_read(home: Home, uri: str, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    store.set_tags(sweep_id, {Tag.SWEEP_FILE: "layers: 3"})
    Sweeper(store, home=home, tracking_uri=uri).look()
    run = store.get(sweep_id)
    assert run.status is Status.FAILED
    assert "The sweep has no `search`" in run.tags[Tag.FAILURE]


def test_deleted_sweep_stops_its_trials(home: Home, uri: str, store: Store) -> None:
    sweep_id = start_sweep(store, sweep_of(SEARCH, trials=2), home=home)
    sweeper = Sweeper(store, home=home, tracking_uri=uri)
    sweeper.look()
    trial = _queued(store, sweep_id)[0]
    store.delete(sweep_id)
    sweeper.look()
    assert store.get(trial.run_id).status is Status.KILLED


def _fails(*_: object, **__: object) -> None:
    raise StoreUnreachableError("The store does not respond.")
