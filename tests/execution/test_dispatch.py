"""The worker's decisions, with a real store and an executor whose processes the test ends."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from trainer.config import Config, load_config
from trainer.execution import enqueue, queue_name, request_stop
from trainer.execution.dispatch import Worker
from trainer.execution.executors import Ended, Job
from trainer.execution.identity import owner_of
from trainer.execution.lock import FileLock
from trainer.home import Home
from trainer.tracking import Owner, Status, Store, Tag

CONFIG = load_config(
    "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 10}]\n"
    "loss: {name: SparseCategoricalCrossentropy, from_logits: true}\n"
)


@dataclass
class FakeExecutor:
    """An executor whose processes end when the test says so."""

    jobs: dict[str, Job] = field(default_factory=dict)
    gone: list[Ended] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def submit(self, job: Job) -> Owner:
        self.jobs[job.run_id] = job
        return owner_of()

    def cancel(self, run_id: str) -> None:
        self.cancelled.append(run_id)

    def alive(self) -> Sequence[str]:
        return list(self.jobs)

    def ended(self) -> Sequence[Ended]:
        gone, self.gone = self.gone, []
        return gone

    def end(self, run_id: str, exit_code: int) -> None:
        del self.jobs[run_id]
        self.gone.append(Ended(run_id=run_id, exit_code=exit_code))


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


def _worker(home: Home, store: Store, executor: FakeExecutor, jobs: int = 1) -> Worker:
    return Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=jobs)


def _turns(worker: Worker, count: int = 1) -> None:
    """Lets the worker look `count` times and then stop, leaving its runs as they are."""
    looks = iter(range(count + 1))
    worker._looked = -1e9
    for _ in range(count):
        next(looks)
        worker._looked = -1e9
        worker._turn()


def _queue(store: Store, home: Home, config: Config = CONFIG) -> str:
    return enqueue(store, config, queue=queue_name(home))


def test_queued_run_is_started_with_its_config_and_owner(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = _queue(store, home)
    assert store.get(run_id).status is Status.SCHEDULED
    _turns(_worker(home, store, executor))
    run = store.get(run_id)
    assert run.status is Status.RUNNING
    assert run.owner is not None
    assert run.owner.pid == os.getpid()
    assert executor.jobs[run_id].config == CONFIG.canonical_json()


def test_runs_are_taken_oldest_first_and_no_more_than_jobs(home: Home, store: Store, executor: FakeExecutor) -> None:
    ids = [_queue(store, home) for _ in range(3)]
    worker = _worker(home, store, executor, jobs=2)
    _turns(worker)
    assert list(executor.jobs) == ids[:2]
    store.set_status(ids[0], Status.FINISHED)
    executor.end(ids[0], 0)
    _turns(worker)
    assert list(executor.jobs) == ids[1:]


def test_run_of_another_queue_is_left_alone(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = enqueue(store, CONFIG, queue="elsewhere/12345678")
    _turns(_worker(home, store, executor))
    assert store.get(run_id).status is Status.SCHEDULED


def test_process_that_dies_fails_its_run_with_the_reason(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = _queue(store, home)
    worker = _worker(home, store, executor)
    _turns(worker)
    executor.end(run_id, -9)
    _turns(worker)
    run = store.get(run_id)
    assert run.status is Status.FAILED
    assert "SIGKILL" in run.tags[Tag.FAILURE]


def test_process_that_ended_its_run_itself_is_not_second_guessed(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    run_id = _queue(store, home)
    worker = _worker(home, store, executor)
    _turns(worker)
    store.set_status(run_id, Status.FINISHED)
    executor.end(run_id, 0)
    _turns(worker)
    assert store.get(run_id).status is Status.FINISHED
    assert Tag.FAILURE not in store.get(run_id).tags


def test_queued_run_that_is_stopped_never_starts(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = _queue(store, home)
    lock = FileLock(home.worker_lock)
    with lock.held({"pid": 1}, "taken"):
        request_stop(store, store.get(run_id), home=home)
        assert store.get(run_id).status is Status.SCHEDULED, "a worker that runs ends it itself"
    _turns(_worker(home, store, executor))
    assert store.get(run_id).status is Status.KILLED
    assert not executor.jobs


def test_queued_run_is_ended_by_who_stops_it_where_no_worker_runs(home: Home, store: Store) -> None:
    run_id = _queue(store, home)
    request_stop(store, store.get(run_id), home=home)
    assert store.get(run_id).status is Status.KILLED


def test_ending_worker_puts_running_runs_back_to_the_queue(home: Home, store: Store, executor: FakeExecutor) -> None:
    run_id = _queue(store, home)
    worker = _worker(home, store, executor)
    _turns(worker)
    worker._put_back()
    run = store.get(run_id)
    assert executor.cancelled == [run_id]
    assert run.status is Status.SCHEDULED
    assert run.owner is None


def test_next_worker_requeues_what_lost_its_process_and_watches_what_lives(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    lost, living = _queue(store, home), _queue(store, home)
    dead = replace(owner_of(), started=1.0)
    for run_id, owner in ((lost, dead), (living, owner_of())):
        store.set_status(run_id, Status.RUNNING)
        store.set_tags(run_id, {Tag.OWNER: owner.dumps()})
    worker = _worker(home, store, executor)
    worker._adopt()
    assert store.get(lost).status is Status.SCHEDULED
    assert store.get(living).status is Status.RUNNING
    _turns(worker)
    assert not executor.jobs, "the living one takes the only place"


def test_half_made_run_is_failed_after_a_minute(home: Home, store: Store, executor: FakeExecutor) -> None:
    old, new = _queue(store, home), _queue(store, home)
    for run_id in (old, new):
        store.set_status(run_id, Status.RUNNING)
    store.client.update_run(old, status="RUNNING")
    _age(store, old, seconds=61)
    _turns(_worker(home, store, executor))
    assert store.get(old).status is Status.FAILED
    assert "queue it again" in store.get(old).tags[Tag.FAILURE]
    assert store.get(new).status is Status.RUNNING


def _age(store: Store, run_id: str, *, seconds: float) -> None:
    import sqlite3

    connection = sqlite3.connect(store.tracking_uri.removeprefix("sqlite:///"))
    with connection:
        connection.execute(
            "UPDATE runs SET start_time = ? WHERE run_uuid = ?", (int((time.time() - seconds) * 1000), run_id)
        )
    connection.close()
