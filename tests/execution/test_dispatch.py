"""The worker's decisions, with a real store and an executor whose processes the test ends."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.executor import CONFIG, FakeExecutor, admission_of_all, queue_run, turns
from tests.support.hand_clock import HandClock
from trainer import reproduce
from trainer.errors import StoreError, StoreUnreachableError
from trainer.execution import enqueue, queue_name, request_stop
from trainer.execution.lock import FileLock
from trainer.execution.process import run_job as training
from trainer.execution.process.exit_status import STORE_AWAY
from trainer.execution.process.identity import owner_of
from trainer.execution.process.job import Job
from trainer.execution.process.recovery import KILL
from trainer.execution.queue.enqueue import foreground_queue
from trainer.execution.worker import caretaker
from trainer.execution.worker import left_behind as foreground
from trainer.execution.worker import put_back as ending
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.left_behind import LeftBehind
from trainer.home import Home
from trainer.tracking import Status, Store, Tag
from trainer.tracking.record.journal import Journal
from trainer.tracking.record.notes import is_unsaved, note_unsaved
from trainer.tracking.record.recorder import Recorder
from trainer.tracking.run import Point


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


def _worker(
    home: Home,
    store: Store,
    executor: FakeExecutor,
    jobs: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> Worker:
    return Worker(
        home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=jobs,
        admission=admission_of_all(home, executor), clock=clock,
    )  # fmt: skip


def test_queued_run_is_started_with_its_config_and_owner(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = queue_run(store, home)
    assert store.get(run_id).status is Status.SCHEDULED
    turns(_worker(home, store, executor))
    run = store.get(run_id)
    assert run.status is Status.RUNNING
    assert run.owner is not None
    assert run.owner.pid == os.getpid()
    assert executor.jobs[run_id].config == CONFIG.canonical_json()


def test_runs_are_taken_oldest_first_and_no_more_than_jobs(home: Home, store: Store, executor: FakeExecutor) -> None:
    ids = [queue_run(store, home) for _ in range(3)]
    worker = _worker(home, store, executor, jobs=2)
    turns(worker)
    assert list(executor.jobs) == ids[:2]
    store.set_status(ids[0], Status.FINISHED)
    executor.end(ids[0], 0)
    turns(worker)
    assert list(executor.jobs) == ids[1:]


def test_run_of_another_queue_is_left_alone(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = enqueue(store, CONFIG, queue="elsewhere/12345678")
    turns(_worker(home, store, executor))
    assert store.get(run_id).status is Status.SCHEDULED


def test_process_that_dies_is_started_again_three_times_and_then_fails_with_the_reason(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    for _ in range(4):
        turns(worker)
        assert store.get(run_id).status is Status.RUNNING
        store.set_tags(run_id, {Tag.STARTED: "123"})
        executor.end(run_id, -9)
        worker.caretaker.settle_ended()
    run = store.get(run_id)
    assert run.status is Status.FAILED
    assert "SIGKILL" in run.tags[Tag.FAILURE]
    assert "restarted 3 times" in run.tags[Tag.FAILURE]
    assert run.tags[Tag.STARTED] == "123", "when it began stays as it was"
    turns(worker)
    assert not executor.jobs


def test_run_on_a_machine_that_cannot_be_seen_is_taken_back_once_it_is_silent(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    """It was a node of a cluster that is gone, while the worker was away too."""
    run_id = queue_run(store, home)
    turns(_worker(home, store, executor))
    gone = replace(owner_of(), host="far", pid=123)
    store.set_tags(run_id, {Tag.OWNER: gone.dumps()})
    executor.jobs.clear()
    clock = HandClock()
    worker = _worker(home, store, executor, clock=clock)
    for _ in range(30):
        clock.now += 2
        turns(worker)
    assert store.get(run_id).owner == gone
    for _ in range(3):
        clock.now += 2
        turns(worker)
    assert list(executor.jobs) == [run_id]


def test_end_that_the_store_did_not_hear_of_is_told_by_another_process(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    for _ in range(6):
        turns(worker)
        executor.end(run_id, STORE_AWAY)
        turns(worker)
        assert store.get(run_id).status is Status.RUNNING, "not counted as a death"


def test_death_while_the_store_is_away_is_settled_later(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    executor.end(run_id, -9)
    with monkeypatch.context() as patched:
        patched.setattr(store, "get", _unreachable)
        for _ in range(2):
            worker.safely(worker.look)
    assert store.get(run_id).status is Status.RUNNING
    turns(worker, 2)
    assert run_id in executor.jobs


def test_stopped_run_whose_end_the_store_did_not_hear_of_is_evaluated_and_saved_later(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    store.set_tags(run_id, {Tag.STOP: "requested"})
    home.run(run_id).mkdir()
    note_unsaved(home.run(run_id))
    executor.end(run_id, STORE_AWAY)
    turns(worker, 2)
    assert list(executor.jobs) == [run_id], "not just ended"
    store.set_tags(run_id, {Tag.STOP: KILL})
    executor.end(run_id, STORE_AWAY)
    turns(worker, 2)
    assert store.get(run_id).status is Status.KILLED, "a kill wants nothing saved"
    assert not is_unsaved(home.run(run_id))


def test_stop_reaches_a_process_of_this_home_while_the_store_is_away(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, home)
    turns(_worker(home, store, executor))
    run = store.get(run_id)
    recorder = Recorder(store, run_id, home, system=False)
    monkeypatch.setattr(store, "set_tags", _unreachable)
    with pytest.raises(StoreUnreachableError):
        request_stop(store, replace(run, tags={Tag.CONFIG_DIGEST: "a"}), home=home)
    assert not recorder.stop_requested(), "nobody knows whose process it is"
    request_stop(store, run, home=home)
    monkeypatch.setattr(recorder, "_looked_here", -1e9)
    assert recorder.stop_requested()
    recorder.close()


def test_verdict_waits_for_a_store_that_is_away(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = Job(run_id="a", home=home.path, tracking_uri=store.tracking_uri)
    monkeypatch.setattr(reproduce, "keep_verdict", _unreachable)
    with pytest.raises(StoreUnreachableError):
        training._keep_verdict(store, job)
    monkeypatch.setattr(reproduce, "keep_verdict", _refused)
    training._keep_verdict(store, job)
    assert "could not be compared" in capsys.readouterr().err


def _refused(*_: object) -> None:
    raise StoreError("deleted")


def _unreachable(*_: object, **__: object) -> None:
    raise StoreUnreachableError("away")


def test_points_that_only_the_journal_has_are_delivered_with_the_end(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    store.log_metrics(run_id, [Point("loss", 0.5, 1_000, 1)])
    with Journal(home.run(run_id)) as journal:
        journal.append([Point("loss", 0.5, 1_000, 1), Point("loss", 0.25, 2_000, 2)])
    store.set_tags(run_id, {Tag.STOP: KILL})
    executor.end(run_id, -9)
    turns(worker)
    assert store.get(run_id).status is Status.KILLED
    series = store.reader.histories([run_id])[run_id]["loss"]
    assert (list(series.steps), list(series.times)) == ([1, 2], [1_000, 2_000])


def test_kill_ends_the_process_at_once_and_is_no_death_to_recover_from(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    lock = FileLock(home.worker_lock)
    with lock.held({"pid": 1}, "taken"):
        request_stop(store, store.get(run_id), home=home, kill=True)
    turns(worker)
    assert executor.cancelled == [run_id]
    executor.end(run_id, -9)
    turns(worker)
    assert store.get(run_id).status is Status.KILLED
    assert not executor.jobs


def test_run_that_was_claimed_but_never_started_goes_back_to_the_queue(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, home)
    claimed = _worker(home, store, executor)
    monkeypatch.setattr(executor, "submit", _unreachable)
    claimed.safely(claimed.look)
    run = store.get(run_id)
    assert (run.status, run.owner) == (Status.RUNNING, owner_of()), "the worker's own name"
    monkeypatch.undo()
    store.set_tags(run_id, {Tag.OWNER: replace(owner_of(), started=1.0).dumps()})
    turns(_worker(home, store, executor))
    assert run_id in executor.jobs


def test_process_that_ended_its_run_itself_is_not_second_guessed(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    store.set_status(run_id, Status.FINISHED)
    executor.end(run_id, 0)
    turns(worker)
    assert store.get(run_id).status is Status.FINISHED
    assert Tag.FAILURE not in store.get(run_id).tags


def test_queued_run_that_is_stopped_never_starts(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = queue_run(store, home)
    lock = FileLock(home.worker_lock)
    with lock.held({"pid": 1}, "taken"):
        request_stop(store, store.get(run_id), home=home)
        assert store.get(run_id).status is Status.SCHEDULED, "a worker that runs ends it itself"
    turns(_worker(home, store, executor))
    assert store.get(run_id).status is Status.KILLED
    assert not executor.jobs


def test_queued_run_is_ended_by_who_stops_it_where_no_worker_runs(home: Home, store: Store) -> None:
    run_id = queue_run(store, home)
    request_stop(store, store.get(run_id), home=home)
    assert store.get(run_id).status is Status.KILLED


def test_ending_worker_puts_running_runs_back_to_the_queue(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    monkeypatch.setattr(ending, "_LEAVING_SECONDS", 0.1)
    worker.put_back()
    run = store.get(run_id)
    assert executor.asked == executor.cancelled == [run_id], "asked first, killed after"
    assert run.status is Status.SCHEDULED
    assert run.owner is None


def test_ending_worker_kills_no_process_that_leaves(home: Home, store: Store, executor: FakeExecutor) -> None:
    executor.polite = True
    run_id = queue_run(store, home)
    worker = _worker(home, store, executor)
    turns(worker)
    worker.put_back()
    assert (executor.asked, executor.cancelled) == ([run_id], [])
    assert store.get(run_id).status is Status.SCHEDULED


def test_process_that_lives_on_without_its_forkserver_is_watched(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as training:
        run_id = queue_run(store, home)
        worker = _worker(home, store, executor)
        turns(worker)
        store.set_tags(run_id, {Tag.OWNER: owner_of(training.pid).dumps()})
        executor.end(run_id, 255)
        turns(worker)
        assert store.get(run_id).status is Status.RUNNING
        assert not executor.jobs, "nobody else trains it"
        training.kill()
    turns(worker, 2)
    assert list(executor.jobs) == [run_id]


def test_next_worker_requeues_what_lost_its_process_and_watches_what_lives(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    lost, living = queue_run(store, home), queue_run(store, home)
    dead = replace(owner_of(), started=1.0)
    for run_id, owner in ((lost, dead), (living, owner_of())):
        store.set_status(run_id, Status.RUNNING)
        store.set_tags(run_id, {Tag.OWNER: owner.dumps()})
    worker = _worker(home, store, executor)
    worker.caretaker.adopt_running()
    assert store.get(lost).status is Status.SCHEDULED
    assert store.get(living).status is Status.RUNNING
    turns(worker)
    assert not executor.jobs, "the living one takes the only place"


DEAD = replace(owner_of(), started=1.0).dumps()
"""A process of this machine that is gone."""


def _in_foreground(store: Store, home: Home, status: Status, **tags: str) -> str:
    run_id = enqueue(store, CONFIG, queue=foreground_queue(home))
    store.set_tags(run_id, {Tag[name]: value for name, value in tags.items()})
    store.set_status(run_id, status)
    return run_id


@pytest.mark.parametrize("tags", [{"OWNER": DEAD}, {}], ids=["training process gone too", "never trained"])
@pytest.mark.parametrize("status", [Status.RUNNING, Status.SCHEDULED])
def test_run_whose_command_is_gone_is_trained_by_the_worker(
    home: Home, store: Store, executor: FakeExecutor, status: Status, tags: dict[str, str]
) -> None:
    run_id = _in_foreground(store, home, status, COMMAND=DEAD, **tags)
    turns(_worker(home, store, executor))
    assert list(executor.jobs) == [run_id]
    assert store.get(run_id).tags[Tag.QUEUE] == queue_name(home)


def test_run_whose_command_lives_is_left_alone(home: Home, store: Store, executor: FakeExecutor) -> None:
    waiting = _in_foreground(store, home, Status.SCHEDULED)
    dying = _in_foreground(store, home, Status.RUNNING, OWNER=DEAD)
    elsewhere = replace(owner_of(), host="elsewhere").dumps()
    unseen = _in_foreground(store, home, Status.RUNNING, OWNER=DEAD, COMMAND=elsewhere)
    turns(_worker(home, store, executor), 2)
    assert not executor.jobs
    assert [store.get(each).status for each in (waiting, dying, unseen)] == ["SCHEDULED", "RUNNING", "RUNNING"]
    assert {store.get(each).tags[Tag.QUEUE] for each in (waiting, dying, unseen)} == {foreground_queue(home)}


def test_training_process_that_outlives_its_command_is_watched(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as training:
        run_id = _in_foreground(store, home, Status.RUNNING, OWNER=owner_of(training.pid).dumps())
        worker = _worker(home, store, executor)
        turns(worker)
        monkeypatch.setattr(foreground, "_LOOK_SECONDS", 0.0)
        store.set_tags(run_id, {Tag.COMMAND: DEAD})
        turns(worker)
        assert store.get(run_id).status is Status.RUNNING
        assert not executor.jobs, "nobody else trains it"
        training.kill()
    turns(worker, 2)
    assert list(executor.jobs) == [run_id]
    for _ in range(3):
        executor.end(run_id, -9)
        turns(worker)
    assert store.get(run_id).status is Status.FAILED, "its first death counted as one of three"


def test_run_that_its_command_left_half_made_is_failed(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = _in_foreground(store, home, Status.RUNNING, COMMAND=DEAD)
    monkeypatch.setattr(LeftBehind, "is_unstarted", lambda *_: False)
    monkeypatch.setattr(caretaker, "_HALF_MADE_SECONDS", -1)
    turns(_worker(home, store, executor))
    assert store.get(run_id).status is Status.FAILED


def test_half_made_run_is_failed_after_a_minute_by_the_workers_own_watch(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, clock=lambda: now)
    old = queue_run(store, home)
    store.set_status(old, Status.RUNNING)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    turns(worker)
    assert store.get(old).status is Status.RUNNING, "the machine's clock was set, no minute has passed"
    new = queue_run(store, home)
    store.set_status(new, Status.RUNNING)
    now += 30
    turns(worker)
    now += 31
    turns(worker)
    assert store.get(old).status is Status.FAILED
    assert "queue it again" in store.get(old).tags[Tag.FAILURE]
    assert store.get(new).status is Status.RUNNING


def test_run_of_another_program_is_left_alone_whatever_its_tags_say(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caretaker, "_HALF_MADE_SECONDS", -1)
    before = []
    queues, states = (queue_name(home), foreground_queue(home)), (Status.RUNNING, Status.SCHEDULED)
    for queue, status, (tag, value) in itertools.product(
        queues, states, [(Tag.OWNER, DEAD), (Tag.STOP, KILL), (Tag.COMMAND, DEAD), (Tag.PLACE, "0")]
    ):
        run_id = store.client.create_run("0", tags={Tag.QUEUE: queue, tag: value}).info.run_id
        store.set_status(run_id, status)
        before.append(store.get(run_id))
    turns(_worker(home, store, executor), 2)
    assert [store.get(run.run_id) for run in before] == before
    assert not executor.jobs
