"""A queue that two homes share, with executors whose processes the test ends, and clocks that it sets."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.executor import CONFIG, FakeExecutor, admission_of_all, queue_run, turns
from trainer.config.search import load_sweep
from trainer.engine.checkpoint import Checkpoint, write_checkpoint
from trainer.engine.report import Threads
from trainer.errors import ConfigError, StoreError, StoreUnreachableError
from trainer.execution import enqueue, queue_name, request_stop
from trainer.execution.control.resume import resume
from trainer.execution.control.stop import Stopping
from trainer.execution.control.sweep import PAUSE, STOP, continue_sweep, start_sweep, stop_sweep
from trainer.execution.lock import FileLock
from trainer.execution.process.exit_status import PUT_BACK
from trainer.execution.process.handover import bring_checkpoint, checkpoint_elsewhere, home_name, trained_in
from trainer.execution.queue.snapshot import look_ahead
from trainer.execution.queue.team import QUEUE_VARIABLE, refuse_server, team_queue
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.silence import Silence
from trainer.execution.worker.sweeper import Sweeper
from trainer.home import Home
from trainer.sweeps.records import sweep_runs
from trainer.tracking import Owner, Progress, Status, Store, Tag, TrainedIn
from trainer.tracking.files import SHARED_CHECKPOINT, checkpoint_name
from trainer.tracking.record.journal import Journal
from trainer.tracking.run import Point

TEAM = "vision"
SWEEP = """
dataset: digits
layers: [Flatten, {layer: Dense, units: 10}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
search: {optimizer.learning_rate: {low: 1.0e-4, high: 1.0e-1, log: true}}
sweep: {trials: 3, objective: val_loss, sampler: random}
"""


@dataclass
class Member:
    """A home of the team with its worker."""

    home: Home
    worker: Worker
    executor: FakeExecutor
    now: float = 0.0

    @classmethod
    def of(cls, home: Home, store: Store) -> "Member":
        executor = FakeExecutor()
        made = cls(home, None, executor)  # type: ignore[arg-type]
        made.worker = Worker(
            home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=1,
            admission=admission_of_all(home, executor), clock=lambda: made.now,
        )  # fmt: skip
        return made

    def look(self, *, seconds: float = 2.0, times: int = 1) -> None:
        for _ in range(times):
            self.now += seconds
            turns(self.worker)


@pytest.fixture(autouse=True)
def _team(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(QUEUE_VARIABLE, TEAM)


@pytest.fixture
def ann(home: Home, store: Store) -> Member:
    return Member.of(home, store)


@pytest.fixture
def bob(tmp_path: Path, store: Store) -> Member:
    return Member.of(Home(tmp_path / "bob").make(), store)


def _heartbeat(store: Store, run_id: str, time: float) -> None:
    store.set_tags(run_id, {Tag.PROGRESS: Progress(time=time).dumps()})


def test_each_worker_takes_the_next_run_whoever_queued_it(ann: Member, bob: Member, store: Store) -> None:
    first, second, third = (queue_run(store, ann.home) for _ in range(3))
    assert store.get(first).tags[Tag.QUEUE] == TEAM
    bob.look()
    ann.look()
    bob.look()
    assert (list(bob.executor.jobs), list(ann.executor.jobs)) == ([first], [second])
    assert store.get(first).trained_in == TrainedIn(name=home_name(bob.home), path=str(bob.home.path))
    assert store.get(third).status is Status.SCHEDULED


def test_worker_that_read_the_queue_before_another_took_the_run_starts_the_next_one(
    ann: Member, bob: Member, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = queue_run(store, ann.home), queue_run(store, ann.home)
    read = store.queued(TEAM)
    bob.look()
    monkeypatch.setattr(Store, "queued", lambda *_: read)
    ann.look()
    assert (list(bob.executor.jobs), list(ann.executor.jobs)) == ([first], [second])


def test_runs_of_a_home_that_is_silent_for_a_minute_are_trained_by_another(
    ann: Member, bob: Member, store: Store
) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    _heartbeat(store, run_id, 1.0)
    bob.look(times=30)
    assert not bob.executor.jobs
    # The clock of that host may be wrong; that its heartbeat changes is enough.
    _heartbeat(store, run_id, 0.5)
    bob.look(times=30)
    assert store.get(run_id).tags[Tag.HOME] == trained_in(ann.home).dumps()
    bob.look(times=2)
    assert list(bob.executor.jobs) == [run_id]
    assert store.get(run_id).tags[Tag.HOME] == trained_in(bob.home).dumps()

    # Its own home reports again: it leaves the run alone, however its process ended.
    ann.executor.end(run_id, 0)
    ann.look(times=2)
    ann.worker.put_back()
    assert (store.get(run_id).status, list(ann.executor.jobs)) == (Status.RUNNING, [])
    assert ann.worker.caretaker.in_charge_of == ()


def test_worker_that_ends_leaves_a_run_alone_that_another_has_taken(ann: Member, bob: Member, store: Store) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    bob.look(times=33)
    assert list(bob.executor.jobs) == [run_id]
    ann.executor.polite = True
    ann.worker.put_back()
    assert store.get(run_id).status is Status.RUNNING


def test_two_workers_that_see_the_same_silence_do_not_return_the_run_twice(
    ann: Member, bob: Member, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = Member.of(Home(tmp_path / "eve").make(), store)
    run_id = queue_run(store, ann.home)
    ann.look()
    bob.look(times=31)
    eve.look(times=31)
    seen = store.running(TEAM)
    bob.look()
    monkeypatch.setattr(Store, "running", lambda *_: seen)
    eve.look()
    assert (list(bob.executor.jobs), list(eve.executor.jobs)) == ([run_id], [])
    assert store.get(run_id).status is Status.RUNNING


def test_time_in_which_nobody_looked_is_no_silence(ann: Member, bob: Member, store: Store) -> None:
    queue_run(store, ann.home)
    ann.look()
    bob.look(times=12)
    bob.look(seconds=3_600)
    bob.look(times=12)
    assert not bob.executor.jobs


def test_run_that_silences_home_after_home_fails(ann: Member, bob: Member, store: Store) -> None:
    run_id = queue_run(store, ann.home)
    for _ in range(3):
        ann.look()
        bob.look(times=33)
        assert list(bob.executor.jobs) == [run_id]
        store.set_tags(run_id, {Tag.HOME: trained_in(ann.home).dumps()})
        bob.executor.end(run_id, 0)
        bob.look()
    bob.look(times=33)
    assert store.get(run_id).status is Status.FAILED
    assert f"home {home_name(ann.home)} has not reported for 60 seconds" in store.get(run_id).tags[Tag.FAILURE]


def test_run_that_was_to_stop_is_ended_for_a_silent_home(ann: Member, bob: Member, store: Store) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    store.set_tags(run_id, {Tag.STOP: "requested"})
    bob.look(times=33)
    assert (store.get(run_id).status, list(bob.executor.jobs)) == (Status.KILLED, [])


def _leave_checkpoint(home: Home, run_id: str, epoch: int) -> None:
    home.run(run_id).mkdir(parents=True, exist_ok=True)
    (home.run(run_id) / checkpoint_name(epoch, 0)).write_bytes(b"epoch %d" % epoch)


def test_run_resumes_from_the_checkpoint_of_the_home_that_left_it(ann: Member, bob: Member, store: Store) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    _leave_checkpoint(ann.home, run_id, 2)
    store.log_metrics(run_id, [Point("loss", 0.5, 1_000, 1)])
    with Journal(ann.home.run(run_id)) as journal:
        journal.append([Point("loss", 0.5, 1_000, 1), Point("loss", 0.25, 2_000, 2)])
    ann.executor.end(run_id, PUT_BACK)
    ann.worker.caretaker.settle_ended()
    assert store.get(run_id).status is Status.SCHEDULED
    bob.look()
    assert list(bob.executor.jobs) == [run_id]
    assert (bob.home.run(run_id) / checkpoint_name(2, 0)).read_bytes() == b"epoch 2"
    assert not list(bob.home.run(run_id).glob("*.tmp"))
    history = store.reader.histories([run_id])[run_id]["loss"]
    assert list(zip(history.steps, history.values, history.times, strict=True)) == [(1, 0.5, 1_000), (2, 0.25, 2_000)]


def test_earlier_checkpoint_of_another_home_is_not_brought(ann: Member, bob: Member, store: Store) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    run = store.get(run_id)
    for home, epoch in ((ann.home, 2), (bob.home, 3)):
        _leave_checkpoint(home, run_id, epoch)
    assert checkpoint_elsewhere(run, bob.home) is None
    bring_checkpoint(store, run, home=bob.home)
    assert [file.name for file in bob.home.run(run_id).iterdir()] == [checkpoint_name(3, 0)]


def _checkpoint(epoch: int) -> Checkpoint:
    threads = Threads(intra=1, inter=1)
    return Checkpoint(config="{}", ancestry="a", epoch=epoch, step=0, steps_per_execution=1, threads=threads)


def _unreadable_elsewhere(store: Store, run_id: str) -> None:
    """As on another machine, where the folder of the home does not exist."""
    where = store.get(run_id).trained_in
    assert where is not None
    store.set_tags(run_id, {Tag.HOME: replace(where, path="/on/another/machine").dumps()})


def _wait_for_copies(member: Member) -> None:
    member.worker._checkpoints._thread.submit(lambda: None).result()


def test_run_resumes_from_the_copy_of_a_checkpoint_where_the_home_cannot_be_read(
    ann: Member, bob: Member, store: Store
) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    folder = ann.home.run(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    written = write_checkpoint(_checkpoint(2), folder)
    ann.look(times=29)
    _wait_for_copies(ann)
    assert store.reader.artifact(store.get(run_id), SHARED_CHECKPOINT) is None, "not a minute has passed"
    ann.look(times=3)
    _wait_for_copies(ann)
    assert store.reader.artifact(store.get(run_id), SHARED_CHECKPOINT) == written.read_bytes()

    # An ending worker copies what is later, and only then returns the run.
    latest = write_checkpoint(_checkpoint(3), folder)
    ann.executor.polite = True
    store.log_metrics(run_id, [Point("loss", 1.0 / step, step, step) for step in (1, 2, 3)])
    ann.worker.put_back()
    assert store.get(run_id).status is Status.SCHEDULED
    _unreadable_elsewhere(store, run_id)
    bob.look()
    assert list(bob.executor.jobs) == [run_id]
    assert [file.read_bytes() for file in bob.home.run(run_id).iterdir()] == [latest.read_bytes()]

    # Of a run that has finished nothing is kept.
    bob.look(times=33)
    last = write_checkpoint(_checkpoint(4), bob.home.run(run_id))
    bob.look(times=33)
    store.set_status(run_id, Status.FINISHED)
    bob.executor.end(run_id, 0)
    bob.look(times=2)
    _wait_for_copies(bob)
    assert last.exists()
    assert store.reader.artifact(store.get(run_id), SHARED_CHECKPOINT) is None


@pytest.mark.parametrize("content", [b"torn", None], ids=["torn", "later than the points that the store has"])
def test_copy_that_does_not_fit_the_record_is_not_used(
    ann: Member, bob: Member, store: Store, tmp_path: Path, content: bytes | None
) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    store.log_metrics(run_id, [Point("loss", 0.5, 1, 1)])
    store.log_file(run_id, SHARED_CHECKPOINT, content or write_checkpoint(_checkpoint(2), tmp_path).read_bytes())
    _unreadable_elsewhere(store, run_id)
    ann.executor.end(run_id, PUT_BACK)
    store.set_status(run_id, Status.SCHEDULED)
    bob.look()
    assert list(bob.executor.jobs) == [run_id]
    assert not list(bob.home.run(run_id).glob("*"))


def test_storage_that_is_away_leaves_the_run_queued(
    ann: Member, bob: Member, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    _unreadable_elsewhere(store, run_id)
    store.set_status(run_id, Status.SCHEDULED)

    def away(*_: object) -> None:
        raise StoreUnreachableError("S3 does not respond.")

    with monkeypatch.context() as patched:
        patched.setattr(store.reader, "artifact", away)
        with pytest.raises(StoreUnreachableError):
            bob.look()
    assert (store.get(run_id).status, list(bob.executor.jobs)) == (Status.SCHEDULED, [])
    bob.look()
    assert list(bob.executor.jobs) == [run_id]


def test_stopped_run_is_resumed_in_another_home_or_the_refusal_names_the_first(
    ann: Member, bob: Member, store: Store
) -> None:
    run_id = queue_run(store, ann.home)
    ann.look()
    store.set_status(run_id, Status.KILLED)
    with pytest.raises(ConfigError, match=rf"no checkpoint in the home .*bob, and that of {home_name(ann.home)} \("):
        resume(store, store.get(run_id), home=bob.home)
    _leave_checkpoint(ann.home, run_id, 2)
    resume(store, store.get(run_id), home=bob.home)
    assert store.get(run_id).status is Status.SCHEDULED
    assert (bob.home.run(run_id) / checkpoint_name(2, 0)).is_file()


def test_queued_run_is_stopped_at_once_unless_a_worker_has_just_taken_it(
    ann: Member, bob: Member, store: Store
) -> None:
    waiting, taken = queue_run(store, ann.home), queue_run(store, ann.home)
    assert request_stop(store, store.get(waiting), home=ann.home) is Stopping.ENDED
    assert store.get(waiting).status is Status.KILLED
    read = store.get(taken)
    bob.look()
    assert request_stop(store, read, home=ann.home) is Stopping.ASKED
    assert (store.get(taken).status, store.get(taken).tags[Tag.STOP]) == (Status.RUNNING, "requested")


def test_sweep_is_driven_by_one_of_the_workers(ann: Member, bob: Member, store: Store) -> None:
    sweep = load_sweep(SWEEP)
    sweep_id = start_sweep(store, sweep, home=ann.home)
    drivers = [Sweeper(store, home=each.home, tracking_uri=store.tracking_uri) for each in (ann, bob)]
    for driver in (*drivers, *reversed(drivers)):
        driver.look()
    assert [len(driver._drivers) for driver in drivers] == [1, 0]
    assert store.get(sweep_id).trained_in == trained_in(ann.home)
    (trial,) = sweep_runs(store.reader, sweep_id)
    bob.look()
    assert list(bob.executor.jobs) == [trial.run_id]
    # The worker that drove it is gone for good.
    stop_sweep(store, store.get(sweep_id), home=bob.home)
    continue_sweep(store, store.get(sweep_id), home=bob.home)
    drivers[1].look()
    assert store.get(sweep_id).trained_in == trained_in(bob.home)


@dataclass
class Driving:
    """The worker's part that drives sweeps, on a clock that the test sets."""

    sweeper: Sweeper
    now: float = 0.0

    @classmethod
    def of(cls, member: Member, store: Store) -> "Driving":
        made = cls(None)  # type: ignore[arg-type]
        made.sweeper = Sweeper(store, home=member.home, tracking_uri=store.tracking_uri, clock=lambda: made.now)
        return made

    def look(self, *, times: int = 1) -> None:
        for _ in range(times):
            self.now += 2.0
            self.sweeper.look()


@pytest.mark.parametrize("wish", [None, PAUSE, STOP])
def test_sweep_of_a_home_that_is_silent_for_a_minute_is_driven_by_another(
    ann: Member, bob: Member, store: Store, wish: str | None
) -> None:
    sweep_id = start_sweep(store, load_sweep(SWEEP), home=ann.home)
    anns, bobs = Driving.of(ann, store), Driving.of(bob, store)
    anns.look()
    (trial,) = sweep_runs(store.reader, sweep_id)
    store.set_tags(trial.run_id, {Tag.OWNER: Owner(host="h", boot="b", pid=1, started=1.0).dumps()})
    store.set_status(trial.run_id, Status.RUNNING)
    if wish is not None:
        store.set_tags(sweep_id, {Tag.SWEEP_WISH: wish})
    # A trial may take hours, and a pause any time: that its worker reports is enough.
    for _ in range(60):
        anns.look()
        bobs.look()
    assert store.get(sweep_id).trained_in == trained_in(ann.home)

    bobs.look(times=40)
    run = store.get(sweep_id)
    assert (run.status, run.trained_in) == (Status.RUNNING, trained_in(bob.home))
    assert [each.run_id for each in sweep_runs(store.reader, sweep_id)] == [trial.run_id], "it goes on where it was"
    assert list(bobs.sweeper._drivers) == [sweep_id]
    # The first home reports again, and leaves the sweep alone.
    anns.look()
    assert not anns.sweeper._drivers
    assert store.get(sweep_id).trained_in == trained_in(bob.home)

    store.set_status(trial.run_id, Status.FINISHED)
    bobs.look()
    queued = sweep_runs(store.reader, sweep_id, (Status.SCHEDULED,))
    assert len(queued) == (1 if wish is None else 0)
    assert store.get(sweep_id).status is (Status.KILLED if wish == STOP else Status.RUNNING)


def test_two_workers_that_see_a_sweep_silent_do_not_both_drive_it(
    ann: Member, bob: Member, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = Member.of(Home(tmp_path / "eve").make(), store)
    sweep_id = start_sweep(store, load_sweep(SWEEP), home=ann.home)
    Driving.of(ann, store).look()
    bobs, eves = Driving.of(bob, store), Driving.of(eve, store)
    bobs.look(times=31)
    eves.look(times=31)
    read = (store.get(sweep_id),)
    bobs.look(times=2)
    # Eve read the list before Bob took the sweep.
    monkeypatch.setattr("trainer.execution.worker.sweeper.open_sweeps", lambda *_: read)
    eves.look(times=2)
    assert (list(bobs.sweeper._drivers), list(eves.sweeper._drivers)) == ([sweep_id], [])
    assert store.get(sweep_id).trained_in == trained_in(bob.home)


def test_forecast_counts_the_places_of_all_workers(ann: Member, bob: Member, store: Store) -> None:
    for _ in range(3):
        queue_run(store, ann.home)
    assert look_ahead(store.reader, TEAM, home=ann.home).jobs is None, "nobody is known to train them"
    ann.look()
    bob.look()
    lock = FileLock(ann.home.worker_lock)
    with lock.held({"jobs": 1}, "held"):
        assert look_ahead(store.reader, TEAM, home=ann.home).jobs == 2


def test_home_has_a_queue_of_its_own_where_no_team_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(QUEUE_VARIABLE, " ")
    assert queue_name(home) == home_name(home)
    assert team_queue({}) == ""


@pytest.mark.parametrize("name", ["a/b", "-x", "a b", "ä", "x" * 61, "resumed/preparing", "a\nb"])
def test_name_that_no_queue_may_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="expected up to 60 letters"):
        team_queue({QUEUE_VARIABLE: name})


def test_workers_of_a_team_need_the_database_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match=r"http://me:\*\*\*@host:5000 is an MLflow server"):
        refuse_server("http://me:secret@host:5000")
    monkeypatch.delenv(QUEUE_VARIABLE)
    refuse_server("http://host:5000")


def test_silence_is_measured_anew_for_a_run_that_was_not_seen_meanwhile(ann: Member, store: Store) -> None:
    run_id = enqueue(store, CONFIG, queue=TEAM)
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1.0
        return now

    silence, run = Silence(clock), store.get(run_id)
    assert not any(silence.look([run]) for _ in range(60))
    assert silence.look([]) == ()
    assert not any(silence.look([run]) for _ in range(61))
    assert silence.look([run]) == (run,)
