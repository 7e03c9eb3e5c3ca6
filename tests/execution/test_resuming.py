"""What resume and adopt do to the store; that the numbers are right is told in tests/engine and tests/faults."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainer.config import Config, load_config
from trainer.engine.checkpoint import Checkpoint, ancestry, write_checkpoint
from trainer.engine.report import Threads
from trainer.errors import ConfigError
from trainer.execution import enqueue, queue_name
from trainer.execution.control import resume as resuming
from trainer.execution.control.resume import adopt, extend, resume
from trainer.execution.process.attempts import MOST_ATTEMPTS, attempts, kept, note_attempt
from trainer.execution.process.identity import owner_of
from trainer.execution.process.liveness import is_lost
from trainer.home import Home
from trainer.tracking import Progress, Status, Store, Tag
from trainer.tracking.record.journal import read_journal
from trainer.tracking.run import Point

CONFIG = load_config(
    "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 10}]\nloss: MeanSquaredError\nepochs: 3\n"
)


def _keep(folder: Path, config: Config = CONFIG, *, epoch: int = 2, complete: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = Checkpoint(
        config=config.digest,
        ancestry=ancestry(config),
        epoch=epoch,
        step=0,
        steps_per_execution=1,
        threads=Threads(intra=1, inter=1),
        complete=complete,
        history=np.zeros((epoch, 1)),
    )
    write_checkpoint(checkpoint, folder)


@pytest.fixture
def run_id(store: Store, home: Home) -> str:
    return enqueue(store, CONFIG, queue=queue_name(home))


@pytest.mark.parametrize("status", [Status.KILLED, Status.FAILED])
def test_resumed_run_is_queued_again_without_the_marks_of_its_end(
    status: Status, store: Store, home: Home, run_id: str
) -> None:
    _keep(home.run(run_id))
    store.set_tags(
        run_id, {Tag.STOP: "requested", Tag.FAILURE: "why", Tag.JUDGEMENT: "diverged", Tag.OWNER: owner_of().dumps()}
    )
    store.set_status(run_id, status)
    note_attempt(home.run(run_id), MOST_ATTEMPTS)
    resume(store, store.get(run_id), home=home)
    run = store.get(run_id)
    assert run.status is Status.SCHEDULED
    assert not {Tag.STOP, Tag.FAILURE, Tag.JUDGEMENT, Tag.OWNER} & set(run.tags)
    assert attempts(home.run(run_id)) == 0


def test_resume_refuses_what_it_cannot_do(store: Store, home: Home, run_id: str) -> None:
    with pytest.raises(ConfigError, match="nothing to resume"):
        resume(store, store.get(run_id), home=home)
    store.set_status(run_id, Status.FAILED)
    with pytest.raises(ConfigError, match=r"no checkpoint .*fitboard rerun"):
        resume(store, store.get(run_id), home=home)
    store.set_status(run_id, Status.FINISHED)
    with pytest.raises(ConfigError, match="--epochs"):
        resume(store, store.get(run_id), home=home)


def test_extended_run_has_the_history_with_its_times_and_the_checkpoint(store: Store, home: Home, run_id: str) -> None:
    _keep(home.run(run_id))
    points = [Point("loss", 0.5, 1_000, 1), Point("loss", 0.25, 2_000, 2)]
    store.log_metrics(run_id, [*points, Point("test_loss", 1.0, 3_000, 2), Point("system/cpu", 1.0, 1, 0)])
    store.set_status(run_id, Status.FINISHED)
    longer = extend(store, store.get(run_id), epochs=9, home=home)
    run = store.get(longer)
    assert run.status is Status.SCHEDULED
    assert run.tags[Tag.QUEUE] == queue_name(home)
    assert run.tags[Tag.RESUMED_FROM] == run_id
    assert run.params["epochs"] == "9"
    assert list(read_journal(home.run(longer))) == points
    assert kept(home.run(longer)) == "from its checkpoint after epoch 2"
    assert store.get(run_id).status is Status.FINISHED


def test_extension_that_makes_no_sense_is_refused(store: Store, home: Home, run_id: str) -> None:
    with pytest.raises(ConfigError, match="wait until it ends"):
        extend(store, store.get(run_id), epochs=9, home=home)
    store.set_status(run_id, Status.FINISHED)
    with pytest.raises(ConfigError, match=r"epochs: expected a value of at most 1,000,000, got 1000000000000\."):
        extend(store, store.get(run_id), epochs=10**12, home=home)
    with pytest.raises(ConfigError, match="has 3 epochs"):
        extend(store, store.get(run_id), epochs=3, home=home)
    with pytest.raises(ConfigError, match="--set epochs=9"):
        extend(store, store.get(run_id), epochs=9, home=home)
    _keep(home.run(run_id), complete=True)
    with pytest.raises(ConfigError, match="ended by a callback after epoch 2"):
        extend(store, store.get(run_id), epochs=9, home=home)


def test_silent_run_of_another_host_is_lost_after_a_minute(
    store: Store, home: Home, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "_SECOND_LOOK_SECONDS", 0.0)
    now = time.time()
    elsewhere = replace(owner_of(), host="elsewhere")
    store.set_tags(
        run_id,
        {Tag.OWNER: elsewhere.dumps(), Tag.PROGRESS: Progress(time=now).dumps(), Tag.QUEUE: "elsewhere/1"},
    )
    store.set_status(run_id, Status.RUNNING)
    run = store.get(run_id)
    assert not is_lost(run, now=now + 59)
    assert is_lost(run, now=now + 61)
    with pytest.raises(ConfigError, match="running on elsewhere"):
        adopt(store, run, home=home)
    store.log_metrics(run_id, [Point("loss", 0.5, 1_000, 1)])
    store.set_tags(run_id, {Tag.PROGRESS: Progress(time=now - 61).dumps()})
    adopt(store, store.get(run_id), home=home)
    run = store.get(run_id)
    assert (run.status, run.tags[Tag.QUEUE], run.owner) == (Status.SCHEDULED, queue_name(home), None)
    assert list(read_journal(home.run(run_id))) == [Point("loss", 0.5, 1_000, 1)]


def test_run_of_a_host_whose_clock_is_behind_is_not_taken_over(
    store: Store, home: Home, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = iter([time.time() - 3_600, time.time() - 3_599])

    def beat(*_: object) -> None:
        store.set_tags(run_id, {Tag.PROGRESS: Progress(time=next(beats)).dumps()})

    store.set_tags(run_id, {Tag.OWNER: replace(owner_of(), host="elsewhere").dumps()})
    store.set_status(run_id, Status.RUNNING)
    beat()
    monkeypatch.setattr(time, "sleep", beat)
    assert is_lost(store.get(run_id))
    with pytest.raises(ConfigError, match="synchronize the clocks"):
        adopt(store, store.get(run_id), home=home)
    assert store.get(run_id).status is Status.RUNNING


def test_run_whose_process_is_gone_here_is_lost_at_once(store: Store, home: Home, run_id: str) -> None:
    store.set_status(run_id, Status.RUNNING)
    assert not is_lost(store.get(run_id)), "half made, not lost"
    store.set_tags(run_id, {Tag.OWNER: owner_of().dumps()})
    assert not is_lost(store.get(run_id))
    store.set_tags(run_id, {Tag.OWNER: replace(owner_of(), started=1.0).dumps()})
    assert is_lost(store.get(run_id))
