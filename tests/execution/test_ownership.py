"""What other programs log to the same store is theirs: nothing that changes a run changes one of those."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.executor import CONFIG, FakeExecutor, admission_of_all, queue_run, turns
from trainer.errors import ConfigError
from trainer.execution import enqueue, queue_name, request_stop
from trainer.execution.control import resume as resuming
from trainer.execution.control.resume import adopt, extend, resume
from trainer.execution.control.stop import Stopping
from trainer.execution.process.identity import owner_of
from trainer.execution.queue.enqueue import foreground_queue
from trainer.execution.queue.order import Move, move
from trainer.execution.worker.dispatch import Worker
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag

_CHANGES: dict[str, Callable[[Store, Run, Home], object]] = {
    "stop": lambda store, run, home: request_stop(store, run, home=home),
    "kill": lambda store, run, home: request_stop(store, run, home=home, kill=True),
    "adopt": lambda store, run, home: adopt(store, run, home=home),
    "resume": lambda store, run, home: resume(store, run, home=home),
    "extend": lambda store, run, home: extend(store, run, epochs=9, home=home),
    **{each: lambda store, run, home, each=each: move(store, run.run_id, each, home=home) for each in Move},  # type: ignore[misc]
}


@pytest.fixture
def foreign(store: Store) -> str:
    """A run of another program."""
    made: str = store.client.create_run("0", run_name="sklearn-forest").info.run_id
    return made


@pytest.mark.parametrize("status", [Status.RUNNING, Status.SCHEDULED, Status.FAILED])
@pytest.mark.parametrize("change", _CHANGES)
def test_run_of_another_program_is_refused_and_stays_as_it_is(
    change: str, status: Status, store: Store, home: Home, foreign: str
) -> None:
    store.set_status(foreign, status)
    before = store.get(foreign)
    with pytest.raises(ConfigError, match=f"Run {foreign} was created by another program"):
        _CHANGES[change](store, before, home)
    assert store.get(foreign) == before


def test_run_of_another_program_with_the_tag_of_a_queue_is_left_alone(store: Store, home: Home, foreign: str) -> None:
    store.set_tags(foreign, {Tag.QUEUE: queue_name(home), Tag.PLACE: "1"})
    store.set_status(foreign, Status.SCHEDULED)
    before, own = store.get(foreign), [queue_run(store, home) for _ in range(2)]
    assert [run.run_id for run in store.queued(queue_name(home))] == own
    move(store, own[1], Move.FIRST, home=home)
    executor = FakeExecutor()
    all_start = admission_of_all(home, executor)
    turns(
        Worker(home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=3, admission=all_start)
    )
    assert set(executor.jobs) == set(own)
    assert store.get(foreign) == before


def test_run_that_was_just_made_is_not_taken_over(store: Store, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "_SECOND_LOOK_SECONDS", 0.0)
    run_id = enqueue(store, CONFIG, queue=queue_name(home))
    store.set_status(run_id, Status.RUNNING)
    with pytest.raises(ConfigError, match="is starting; if it does not start"):
        adopt(store, store.get(run_id), home=home)
    assert store.get(run_id).status is Status.RUNNING
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    adopt(store, store.get(run_id), home=home)
    assert store.get(run_id).status is Status.SCHEDULED


def test_run_whose_command_still_lives_is_not_taken_over(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = enqueue(store, CONFIG, queue=foreground_queue(home))
    store.set_status(run_id, Status.RUNNING)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(ConfigError, match="is starting; if it does not start"):
        adopt(store, store.get(run_id), home=home)


def test_run_that_gets_its_owner_meanwhile_is_not_taken_over(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_run(store, home)
    store.set_status(run_id, Status.RUNNING)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "sleep", lambda _: store.set_tags(run_id, {Tag.OWNER: owner_of().dumps()}))
    with pytest.raises(ConfigError, match="was just changed by another process"):
        adopt(store, store.get(run_id), home=home)
    assert store.get(run_id).owner == owner_of()


@pytest.mark.parametrize(
    ("owner", "status", "outcome"),
    [
        (replace(owner_of(), host="elsewhere"), Status.RUNNING, Stopping.KILL_ASKED),
        (None, Status.RUNNING, Stopping.KILL_ASKED),
        (replace(owner_of(), started=1.0), Status.KILLED, Stopping.ENDED),
    ],
)
def test_kill_says_that_a_process_was_killed_only_where_it_was(
    owner: object, status: Status, outcome: Stopping, store: Store, home: Home
) -> None:
    run_id = queue_run(store, home)
    store.set_status(run_id, Status.RUNNING)
    if owner is not None:
        store.set_tags(run_id, {Tag.OWNER: owner.dumps()})  # type: ignore[attr-defined]
    told = request_stop(store, store.get(run_id), home=home, kill=True)
    assert told is outcome
    assert "Killed" not in told.sentence(run_id)
    assert run_id in told.sentence(run_id)
    assert store.get(run_id).status is status


def test_kill_of_a_living_process_that_no_worker_watches_kills_it(store: Store, home: Home) -> None:
    import subprocess

    with subprocess.Popen(["sleep", "600"]) as process:
        run_id = queue_run(store, home)
        store.set_tags(run_id, {Tag.OWNER: owner_of(process.pid).dumps()})
        store.set_status(run_id, Status.RUNNING)
        told = request_stop(store, store.get(run_id), home=home, kill=True)
        assert told.sentence("it") == "Killed it."
        assert process.wait() == -9
    assert store.get(run_id).status is Status.KILLED
