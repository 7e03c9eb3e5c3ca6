"""Limits of a run: how they are read, and what happens at them."""

import time
from pathlib import Path

import pytest

from tests.support.executor import CONFIG, FakeExecutor, queue_run, turns
from tests.support.shop import Shop
from tests.support.worker import wait_for, wait_for_end
from trainer.errors import ConfigError
from trainer.execution import NO_LIMITS, Limits, enqueue, queue_name, used_up
from trainer.execution.control.resume import resume
from trainer.execution.limits import OVER_MEMORY, read_memory, read_time
from trainer.execution.process.identity import owner_of
from trainer.execution.process.time_limit import Timekeeper
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.memory_guard import MemoryGuard
from trainer.home import Home
from trainer.tracking import Progress, Status, Store, Tag

GB = 10**9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("30 min", 1800), ("1h30m", 5400), ("1.5h", 5400), ("2D", 172_800), (" 5m ", 300)],
)
def test_time_is_read_with_its_units(text: str, seconds: float) -> None:
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("4GB", 4 * GB), ("500 mb", GB // 2), ("1.5GB", 1_500_000_000), ("2GiB", 2**31)]
)
def test_memory_is_read_with_its_unit(text: str, size: int) -> None:
    assert read_memory(text) == size


@pytest.mark.parametrize("text", ["30", "m", "-5m", "0s", "5m of", "5 m 3", "1e3s", "½h", "4GB", "9" * 400 + "s"])
def test_what_is_no_time_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a time limit; expected a number with a unit, such as 90s"):
        read_time(text)


@pytest.mark.parametrize("text", ["4", "GB", "4 G", "-4GB", "0MB", "30m"])
def test_what_is_no_size_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a memory limit; expected a number with a unit, such as 500MB"):
        read_memory(text)


def test_limits_are_the_runs_tags_and_no_part_of_its_config(home: Home, store: Store) -> None:
    limits = Limits.read("1h30m", "4GB")
    plain, limited = (store.get(enqueue(store, CONFIG, queue="here", limits=each)) for each in (NO_LIMITS, limits))
    assert Limits.of(limited) == limits == Limits(seconds=5400, memory=4 * GB)
    assert Limits.of(plain) == NO_LIMITS == Limits.read("", None)
    assert plain.tags[Tag.CONFIG_DIGEST] == limited.tags[Tag.CONFIG_DIGEST]
    assert limits.words() == "at most 1 h 30 min and 4.0 GB"
    assert Limits(seconds=90).words() == "at most 1 min 30 s"
    assert NO_LIMITS.words() == ""


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-1"])
def test_tags_that_hold_no_number_are_no_limit(home: Home, store: Store, text: str) -> None:
    run_id = queue_run(store, home)
    store.set_tags(run_id, {Tag.TIME_LIMIT: text, Tag.MEMORY_LIMIT: text})
    assert Limits.of(store.get(run_id)) == NO_LIMITS


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _timekeeper(store: Store, run_id: str, home: Home, clock: Clock | None = None) -> Timekeeper:
    return Timekeeper(store, store.get(run_id), home, owner=owner_of(), clock=clock or Clock())


def test_time_ends_training_and_is_counted_over_processes_but_not_between_them(home: Home, store: Store) -> None:
    run_id, clock = enqueue(store, CONFIG, queue="here", limits=Limits(seconds=1.5)), Clock()
    with _timekeeper(store, run_id, home, clock) as first:
        assert not first.stop_requested()
        clock.now += 1.25
        first.progressed(Progress(time=time.time()))
        assert not first.stop_requested()
    assert not first.time_over
    assert float(store.get(run_id).tags[Tag.SPENT]) == 1.2
    clock.now += 1_000
    with _timekeeper(store, run_id, home, clock) as second:
        assert second.spent == 1.2
        clock.now += 0.25
        assert not second.stop_requested()
        clock.now += 0.25
        assert second.stop_requested()
    assert second.time_over
    assert float(store.get(run_id).tags[Tag.SPENT]) == 1.7
    assert second.sentence(3) == "The run reached its time limit of 1.5 s after 3 epochs; it was evaluated and saved."


def test_stop_of_a_person_is_not_taken_for_the_limit(home: Home, store: Store) -> None:
    run_id = enqueue(store, CONFIG, queue="here", limits=Limits(seconds=3600))
    with _timekeeper(store, run_id, home) as keeper:
        store.set_tags(run_id, {Tag.STOP: "requested"})
        wait_for(keeper.stop_requested, "the stop", 5)
    assert not keeper.time_over


def test_run_without_a_limit_notes_no_time(home: Home, store: Store) -> None:
    run_id, clock = queue_run(store, home), Clock()
    with _timekeeper(store, run_id, home, clock) as keeper:
        clock.now += 10
        keeper.progressed(Progress(time=time.time()))
        assert not keeper.stop_requested()
    assert Tag.SPENT not in store.get(run_id).tags


def _greedy(home: Home, store: Store, executor: FakeExecutor, clock: Clock) -> tuple[Worker, str]:
    run_id = enqueue(store, CONFIG, queue=queue_name(home), limits=Limits(memory=GB))
    guard = MemoryGuard(executor.memory_used, clock=clock)
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, guard=guard)
    turns(worker)
    return worker, run_id


def test_run_beyond_its_memory_is_ended_once_with_limit_and_use(home: Home, store: Store) -> None:
    executor, clock = FakeExecutor(memory=GB), Clock()
    worker, run_id = _greedy(home, store, executor, clock)
    turns(worker)
    assert executor.cancelled == [], "exactly the limit is within it"
    executor.memory = 1_300_000_000
    clock.now += 1
    turns(worker)
    assert executor.cancelled == [run_id]
    executor.end(run_id, -9)
    turns(worker, 2)
    run = store.get(run_id)
    assert run.status is Status.FAILED
    assert "used 1.3 GB of memory, more than its limit of 1.0 GB" in run.tags[Tag.FAILURE]
    assert not executor.jobs, "not started again by itself"


def test_memory_is_looked_at_once_a_second_and_only_of_limited_runs() -> None:
    looks, clock = [], Clock()

    def measure(run_id: str, *, beyond: int = 0) -> int:
        looks.append((run_id, beyond))
        return 0

    guard = MemoryGuard(measure, clock=clock)
    guard.watch("free", Limits(seconds=5))
    assert guard.look() == ()
    assert looks == []
    guard.watch("limited", Limits(memory=GB))
    for _ in range(9):
        guard.look()
        clock.now += 0.25
    assert looks == [("limited", GB)] * 3


def test_process_that_is_gone_is_no_breach() -> None:
    guard = MemoryGuard(FakeExecutor().memory_used)
    guard.watch("a", Limits(memory=1))
    assert guard.look() == ()
    assert guard.breach("a") is None


def test_adopted_run_is_watched_too(home: Home, store: Store) -> None:
    run_id = enqueue(store, CONFIG, queue=queue_name(home), limits=Limits(memory=GB))
    store.set_tags(run_id, {Tag.OWNER: owner_of().dumps()})
    store.set_status(run_id, Status.RUNNING)
    executor = FakeExecutor(memory=2 * GB)
    guard = MemoryGuard(executor.memory_used)
    worker = Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, guard=guard)
    turns(worker)
    assert guard.look() == (run_id,)


def _ended(home: Home, store: Store, status: Status, limits: Limits, **tags: str) -> str:
    run_id = enqueue(store, CONFIG, queue=queue_name(home), limits=limits)
    store.set_tags(run_id, {f"fitboard.{key}": value for key, value in tags.items()})
    store.set_status(run_id, status)
    folder = home.run(run_id)
    folder.mkdir(parents=True)
    Path(folder, "checkpoint-000001-000000.bin").write_bytes(b"")
    return run_id


BOTH = Limits(seconds=60, memory=GB)


@pytest.mark.parametrize(
    ("status", "tags", "given", "left"),
    [
        (Status.KILLED, {"spent": "61.0"}, NO_LIMITS, Limits(memory=GB)),
        (Status.FAILED, {"spent": "5", "stop": OVER_MEMORY}, NO_LIMITS, Limits(seconds=60)),
        (Status.KILLED, {"spent": "5", "stop": "requested"}, NO_LIMITS, BOTH),
        (Status.KILLED, {"spent": "61"}, Limits(seconds=120), Limits(seconds=120, memory=GB)),
    ],
)
def test_resume_lifts_or_replaces_the_limit_that_ended_the_run(
    home: Home, store: Store, status: Status, tags: dict[str, str], given: Limits, left: Limits
) -> None:
    run_id = _ended(home, store, status, BOTH, **tags)
    resume(store, store.get(run_id), home=home, limits=given)
    run = store.get(run_id)
    assert Limits.of(run) == left
    assert used_up(run) == NO_LIMITS
    assert run.status is Status.SCHEDULED
    assert Tag.FAILURE not in run.tags
    assert run.tags.get(Tag.SPENT) == tags["spent"], "its time goes on to count"


@pytest.mark.slow
def test_real_run_ends_at_its_limits_and_says_so(shop: Shop) -> None:
    long, store = CONFIG.model_copy(update={"epochs": 100_000, "metrics": ()}), shop.store
    ids = [shop.queue(long, limits) for limits in (Limits(seconds=1.5), Limits(memory=100_000_000))]
    timed, greedy = (wait_for_end(store, run_id) for run_id in ids)
    resume(store, store.get(timed.run_id), home=shop.home, limits=Limits(seconds=float(timed.tags[Tag.SPENT]) + 1))
    again = wait_for_end(store, timed.run_id)
    assert timed.status is Status.KILLED
    assert timed.tags[Tag.FAILURE].startswith("The run reached its time limit of 1.5 s after")
    assert "test_loss" in timed.metrics
    assert timed.seconds is not None
    assert timed.seconds < 30
    assert greedy.status is Status.FAILED
    assert "more than its limit of 100 MB" in greedy.tags[Tag.FAILURE]
    assert greedy.tags[Tag.FAILURE_KIND] == "memory"
    assert again.status is Status.KILLED
    assert max(store.reader.histories([timed.run_id])[timed.run_id]["loss"].steps) > 0
    assert float(again.tags[Tag.SPENT]) - float(timed.tags[Tag.SPENT]) >= 0.9
