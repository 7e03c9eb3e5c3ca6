"""What the worker does with an executor that chooses machines: runs wait for places, and may be overtaken."""

import itertools

import pytest

from tests.support.executor import FakePlacingExecutor, queue_run, turns
from tests.support.worker import wait_for
from trainer.execution import request_stop
from trainer.execution.executors.base import Ended, Place
from trainer.execution.worker.admission import PROCESS_BYTES
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.placement import Placement
from trainer.home import Home
from trainer.tracking import Status, Store, Tag

_FREE = Place(is_free=True)


@pytest.fixture
def executor() -> FakePlacingExecutor:
    return FakePlacingExecutor()


def _worker(home: Home, store: Store, executor: FakePlacingExecutor, jobs: int = 2) -> Worker:
    # An estimate is known at once, and for the worker time runs fast.
    placement = Placement(home, executor, check=lambda _: 1_000, clock=itertools.count(0.0, 10.0).__next__)
    return Worker(
        home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=jobs, admission=placement
    )


def test_run_starts_once_it_has_a_place_and_says_before_what_it_waits_for(
    home: Home, store: Store, executor: FakePlacingExecutor
) -> None:
    run_id, worker = queue_run(store, home), _worker(home, store, executor)
    turns(worker)
    run = store.get(run_id)
    assert (run.status, run.tags[Tag.WAITS]) == (Status.SCHEDULED, "waiting for a node")
    executor.places[run_id] = _FREE
    turns(worker)
    run = store.get(run_id)
    assert run.status is Status.RUNNING
    assert Tag.WAITS not in run.tags
    assert list(executor.jobs) == [run_id]


def test_memory_that_a_run_needs_is_asked_for(home: Home, store: Store, executor: FakePlacingExecutor) -> None:
    run_id = queue_run(store, home)
    placement = Placement(home, executor, check=lambda _: 1_000)
    placement.look_forward([store.get(run_id)])
    wait_for(lambda: placement.decide(store.get(run_id), ()) and executor.memories, "the estimate")
    assert executor.memories == {run_id: 1_000 + PROCESS_BYTES}


def test_waiting_run_is_overtaken_but_takes_up_one_of_the_places(
    home: Home, store: Store, executor: FakePlacingExecutor
) -> None:
    first, second, third = (queue_run(store, home) for _ in range(3))
    worker = _worker(home, store, executor)
    executor.places = {second: _FREE, third: _FREE}
    turns(worker)
    assert list(executor.jobs) == [second]
    assert executor.reserved == {first, second}
    executor.places[first] = _FREE
    executor.end(second, 0)
    store.set_status(second, Status.FINISHED)
    turns(worker)
    assert list(executor.jobs) == [first, third]


def test_no_more_than_a_few_runs_ask_for_a_place_that_there_is_not(
    home: Home, store: Store, executor: FakePlacingExecutor
) -> None:
    executor.capacity = 1
    ids = [queue_run(store, home) for _ in range(8)]
    turns(_worker(home, store, executor, jobs=64))
    assert executor.reserved == set(ids[:5])
    assert store.get(ids[5]).tags[Tag.WAITS] == "waiting for a free node"


def test_run_that_no_node_can_take_leaves_the_places_to_others(
    home: Home, store: Store, executor: FakePlacingExecutor
) -> None:
    first, second = (queue_run(store, home) for _ in range(2))
    executor.places = {first: Place(is_free=False, waits="a node with 64 CPUs", is_possible=False), second: _FREE}
    turns(_worker(home, store, executor, jobs=1))
    assert list(executor.jobs) == [second]
    assert store.get(first).tags[Tag.WAITS] == "waiting for a node with 64 CPUs"


def test_run_that_can_never_start_fails_with_the_reason(
    home: Home, store: Store, executor: FakePlacingExecutor
) -> None:
    run_id = queue_run(store, home)
    executor.places[run_id] = Place(is_free=False, is_possible=False, refusal="Node a has no file x.npz.")
    turns(_worker(home, store, executor))
    run = store.get(run_id)
    assert (run.status, run.tags[Tag.FAILURE]) == (Status.FAILED, "Node a has no file x.npz.")


def test_place_of_a_run_that_is_stopped_is_given_up(home: Home, store: Store, executor: FakePlacingExecutor) -> None:
    run_id, worker = queue_run(store, home), _worker(home, store, executor)
    turns(worker)
    assert executor.reserved == {run_id}
    request_stop(store, store.get(run_id), home=home)
    turns(worker, 2)
    assert store.get(run_id).status is Status.KILLED
    assert executor.reserved == set()


def test_run_whose_node_left_resumes_and_the_reason_is_logged(
    home: Home, store: Store, executor: FakePlacingExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    run_id, worker = queue_run(store, home), _worker(home, store, executor)
    executor.places[run_id] = _FREE
    turns(worker)
    del executor.jobs[run_id]
    executor.gone.append(Ended(run_id=run_id, exit_code=None, reason="Node a left the cluster."))
    with caplog.at_level("WARNING", logger="fitboard.worker"):
        turns(worker)
    assert "Node a left the cluster. The run resumes from its beginning (attempt 1 of 3)." in caplog.text
    assert list(executor.jobs) == [run_id]
