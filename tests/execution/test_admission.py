"""What the worker does where the next run would not fit into memory."""

import threading
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.support.executor import FakeExecutor, queue_run, turns
from tests.support.worker import wait_for
from trainer.execution.worker.admission import PROCESS_BYTES, Admission, Decision, decide
from trainer.execution.worker.dispatch import Worker
from trainer.format import readable_bytes
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
    assert decide(3_100_000_000, 1_200_000_000, 0).waits == "waiting for memory: needs about 3.1 GB, 1.2 GB free"
    assert decide(3 * GB, 4 * GB, 2 * GB).waits.endswith("4.0 GB free, of which running runs have reserved 2.0 GB")


class Machine:
    """An inspector by which every config takes so much, and which answers when it is let; and a clock."""

    def __init__(self, takes: int | None) -> None:
        self.takes = takes
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0
        self.now = 1_000.0

    def check(self, fields: Mapping[str, object]) -> int | None:
        self.asked += 1
        self.answers.wait(10)
        return self.takes

    def admission(self, home: Home, executor: FakeExecutor) -> Admission:
        return Admission(home, executor, check=self.check, clock=lambda: self.now)

    def worker(self, home: Home, store: Store, executor: FakeExecutor, jobs: int = 2) -> Worker:
        asking = self.admission(home, executor)
        return Worker(
            home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=jobs, admission=asking
        )


def _look(worker: Worker) -> None:
    """Long enough for the answer to a question: each look waits a moment for it."""
    turns(worker, 10)


def test_next_run_is_held_back_while_it_does_not_fit_and_nobody_overtakes_it(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    executor.free = GB
    first, second, third = (queue_run(store, home) for _ in range(3))
    worker = Machine(takes=3 * GB).worker(home, store, executor)
    _look(worker)
    assert list(executor.jobs) == [first]
    assert store.get(second).tags[Tag.WAITS] == f"waiting for memory: needs about {NEEDED}, 1.0 GB free"
    assert Tag.WAITS not in store.get(third).tags
    store.set_status(first, Status.FINISHED)
    executor.end(first, 0)
    _look(worker)
    assert list(executor.jobs) == [second], "alone it may start, whatever it takes"
    assert Tag.WAITS not in store.get(second).tags


@pytest.mark.parametrize(("free", "started"), [(GB + PROCESS_BYTES, 2), (GB + PROCESS_BYTES - 1, 1)])
def test_run_needs_what_its_process_takes_besides_the_estimate(
    home: Home, store: Store, executor: FakeExecutor, free: int, started: int
) -> None:
    executor.free, executor.memory = free, GB + PROCESS_BYTES
    ids = [queue_run(store, home) for _ in range(2)]
    _look(Machine(takes=GB).worker(home, store, executor))
    assert list(executor.jobs) == ids[:started]


@pytest.mark.parametrize(("free", "started"), [(50 * GB, 2), (50 * GB - 1, 1)])
def test_what_a_run_that_began_has_not_taken_yet_counts_as_taken(
    home: Home, store: Store, executor: FakeExecutor, free: int, started: int
) -> None:
    executor.free, executor.memory = free, 10 * GB
    ids = [queue_run(store, home) for _ in range(2)]
    _look(Machine(takes=30 * GB - PROCESS_BYTES).worker(home, store, executor))
    assert list(executor.jobs) == ids[:started], "30 GB for the second, 20 GB that the first has yet to take"


def test_inspector_that_hangs_is_waited_for_and_then_done_without(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    executor.free = GB
    machine = Machine(takes=3 * GB)
    machine.answers.clear()
    ids = [queue_run(store, home) for _ in range(2)]
    worker = machine.worker(home, store, executor)
    turns(worker, 3)
    assert list(executor.jobs) == ids[:1]
    machine.now += 1.9
    turns(worker)
    assert list(executor.jobs) == ids[:1], "there is still time for an answer"
    machine.now += 0.2
    turns(worker)
    assert list(executor.jobs) == ids, "without an answer it starts as if there were no inspector"
    machine.answers.set()


def test_dead_inspector_lets_runs_start(home: Home, store: Store, executor: FakeExecutor) -> None:
    ids = [queue_run(store, home) for _ in range(2)]
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=2)
    _look(worker)
    assert list(executor.jobs) == ids


def test_inspector_is_asked_again_where_it_had_no_answer(home: Home, store: Store, executor: FakeExecutor) -> None:
    machine, executor.free = Machine(takes=None), GB
    asking = machine.admission(home, executor)
    run = store.get(queue_run(store, home))
    asking.look_forward([run, run])
    wait_for(lambda: machine.asked == 1, "the question")
    assert asking.decide(run, ["other"]).starts, "nobody knows what it takes"
    machine.now += 2.1
    machine.takes = 3 * GB
    asking.look_forward([run])
    wait_for(lambda: NEEDED in asking.decide(run, ["other"]).waits, "the answer")
    assert machine.asked == 2


def test_tag_that_says_what_a_run_waits_for_is_not_rewritten_all_the_time(
    home: Home, store: Store, executor: FakeExecutor
) -> None:
    machine = Machine(takes=GB)
    asking = machine.admission(home, executor)
    run = store.get(queue_run(store, home))
    told = replace(run, tags={**run.tags, Tag.WAITS: "waits for 1 GB"})
    assert asking.is_news(run, Decision(starts=False, waits="waits for 1 GB"))
    assert not asking.is_news(told, Decision(starts=False, waits="waits for 2 GB"))
    machine.now += 5
    assert not asking.is_news(told, Decision(starts=False, waits="waits for 1 GB"))
    assert asking.is_news(told, Decision(starts=False, waits="waits for 2 GB"))


def test_worker_with_one_place_asks_nothing(home: Home, store: Store, executor: FakeExecutor) -> None:
    machine, executor.free = Machine(takes=GB), 0
    queue_run(store, home)
    _look(machine.worker(home, store, executor, jobs=1))
    assert len(executor.jobs) == 1
    assert machine.asked == 0
