"""What the worker does where the next run would not fit into memory."""

import threading
import time
from collections.abc import Mapping

import pytest

from tests.support.executor import CONFIG, FakeExecutor, queue_run, turns
from trainer.data import readable_bytes
from trainer.engine.machine import own_memory
from trainer.execution import enqueue, queue_name
from trainer.execution.process.identity import owner_of
from trainer.execution.worker import admission
from trainer.execution.worker.admission import PROCESS_BYTES, Admission, decide
from trainer.execution.worker.dispatch import Worker
from trainer.home import Home
from trainer.tracking import Status, Store, Tag

GB = 10**9
NEEDED = readable_bytes(3 * GB + PROCESS_BYTES)


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.mark.parametrize(
    ("needed", "free", "promised", "starts"),
    [(3, 3, 0, True), (3, 2, 0, False), (3, 4, 2, False), (1, 4, 2, True), (1, 1, 9, False)],
)
def test_run_starts_where_what_is_left_is_enough(needed: int, free: int, promised: int, starts: bool) -> None:
    assert decide(needed * GB, free * GB, promised * GB).starts is starts


def test_run_that_is_held_back_says_what_it_needs_and_what_there_is() -> None:
    assert decide(3_100_000_000, 1_200_000_000, 0).waits == "waits for memory: needs about 3.1 GB, 1.2 GB free"
    assert decide(3 * GB, 4 * GB, 2 * GB).waits.endswith("4.0 GB free; the runs at work will take 2.0 GB more")


class Machine:
    """So much is free, and every config but the first takes so much; the inspector answers when it is let."""

    def __init__(self, free: int, takes: int | None) -> None:
        self.free = free
        self.takes = takes
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def check(self, fields: Mapping[str, object]) -> int | None:
        self.asked += 1
        self.answers.wait(10)
        return self.takes

    def worker(self, home: Home, store: Store, executor: FakeExecutor) -> Worker:
        admission = Admission(home, check=self.check, free=lambda: self.free)
        return Worker(
            home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=2, admission=admission
        )


def _look(worker: Worker) -> None:
    """Long enough for the answer to a question."""
    for _ in range(4):
        turns(worker)
        time.sleep(0.02)


def test_next_run_is_held_back_while_it_does_not_fit_and_nobody_overtakes_it(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    machine = Machine(free=GB, takes=3 * GB)
    first, second, third = (queue_run(store, home) for _ in range(3))
    worker = machine.worker(home, store, executor)
    _look(worker)
    assert list(executor.jobs) == [first]
    assert store.get(second).tags[Tag.WAITS] == f"waits for memory: needs about {NEEDED}, 1.0 GB free"
    assert Tag.WAITS not in store.get(third).tags
    store.set_status(first, Status.FINISHED)
    executor.end(first, 0)
    _look(worker)
    assert list(executor.jobs) == [second], "alone it may start, whatever it takes"
    assert Tag.WAITS not in store.get(second).tags


def test_run_that_fits_starts_beside_another(home: Home, store: Store, executor: FakeExecutor) -> None:
    ids = [queue_run(store, home) for _ in range(2)]
    _look(Machine(free=20 * GB, takes=GB).worker(home, store, executor))
    assert list(executor.jobs) == ids


def test_what_a_run_that_began_has_not_taken_yet_counts_as_taken(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    machine = Machine(free=50 * GB, takes=30 * GB)
    ids = [queue_run(store, home) for _ in range(2)]
    _look(machine.worker(home, store, executor))
    assert list(executor.jobs) == ids[:1]
    assert own_memory(owner_of().pid) < 10 * GB, "this process stands in for the one that trains"
    assert "50.0 GB free; the runs at work will take" in store.get(ids[1]).tags[Tag.WAITS]


def test_inspector_that_hangs_holds_the_worker_up_for_no_moment(
    home: Home, store: Store, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_PATIENCE_SECONDS", 0.5)
    machine = Machine(free=GB, takes=3 * GB)
    machine.answers.clear()
    ids = [queue_run(store, home) for _ in range(2)]
    worker = machine.worker(home, store, executor)
    begun = time.monotonic()
    turns(worker, 3)
    assert time.monotonic() - begun < 0.5
    assert list(executor.jobs) == ids[:1]
    time.sleep(0.6)
    turns(worker)
    assert list(executor.jobs) == ids, "without an answer it starts as before there were any"
    machine.answers.set()


def test_dead_inspector_lets_runs_start(home: Home, store: Store, executor: FakeExecutor) -> None:
    ids = [queue_run(store, home) for _ in range(2)]
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=2)
    _look(worker)
    assert list(executor.jobs) == ids


def test_inspector_is_asked_again_where_it_had_no_answer(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_PATIENCE_SECONDS", 0.05)
    machine = Machine(free=GB, takes=None)
    asked = Admission(home, check=machine.check, free=lambda: machine.free)
    run = store.get(queue_run(store, home))
    asked.look_forward([run, run])
    time.sleep(0.1)
    machine.takes = 3 * GB
    assert not asked.decide(run, {"other": owner_of()}).starts
    time.sleep(0.02)
    assert NEEDED in asked.decide(run, {"other": owner_of()}).waits
    assert machine.asked == 2


def test_worker_with_one_place_asks_nothing(home: Home, store: Store, executor: FakeExecutor) -> None:
    machine = Machine(free=0, takes=GB)
    enqueue(store, CONFIG, queue=queue_name(home))
    asking = Admission(home, check=machine.check, free=lambda: machine.free)
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, admission=asking)
    _look(worker)
    assert len(executor.jobs) == 1
    assert machine.asked == 0


def test_constant_is_of_the_size_of_a_process() -> None:
    assert 50_000_000 < PROCESS_BYTES < GB
