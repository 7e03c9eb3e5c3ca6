"""A real worker, a real store, real trainings."""

from pathlib import Path
from subprocess import Popen

import psutil
import pytest

from dashboard.components.results import results
from dashboard.views.run.header import big_numbers
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config import Config, MetricName, load_config
from trainer.execution import enqueue, has_checkpoint, queue_name, request_stop, wake_worker
from trainer.execution.lock import holder_of
from trainer.format import number
from trainer.home import Home
from trainer.tracking import Status, Store, Tag

pytestmark = pytest.mark.slow

Process = Popen[bytes]

QUICK = """
name: quick
dataset: digits
layers: [Flatten, {layer: Dense, units: 16, activation: relu}, {layer: Dropout, rate: 0.2}, {layer: Dense, units: 10}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
metrics: [accuracy]
epochs: 2
"""


def _config(**changes: object) -> Config:
    return load_config(QUICK).model_copy(update=changes)


def _queue(store: Store, home: Home, config: Config) -> str:
    run_id = enqueue(store, config, queue=queue_name(home))
    wake_worker(home)
    return run_id


def test_worker_trains_records_stops_fails_and_leaves(home: Home, uri: str, store: Store) -> None:
    """One worker for several questions, since it takes 10 s to start."""
    with running_worker(home, uri, jobs=2) as process:
        _trains_and_records(home, store)
        _stops(home, store)
        _fails_with_a_sentence(home, store)
        _says_that_it_diverged(home, store)
        _heads_its_page_with_the_epoch_that_was_kept(home, store)
        _dies_alone(home, store)
        _refuses_a_second_worker(home, uri, process)
        _leaves_no_process_and_requeues(home, store, process)


def _trains_and_records(home: Home, store: Store) -> None:
    ids = [_queue(store, home, _config(seed=seed)) for seed in (1, 1)]
    first, second = (wait_for_end(store, run_id) for run_id in ids)
    assert first.status is Status.FINISHED, first.tags.get(Tag.FAILURE)
    assert set(first.metrics) >= {
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "test_loss",
        "test_accuracy",
        "learning_rate",
    }
    assert first.tags[Tag.WEIGHTS] == second.tags[Tag.WEIGHTS], "same config, same bits"
    history = store.reader.histories([first.run_id], ["loss"])[first.run_id]["loss"]
    assert list(history.steps) == [1, 2]
    assert first.params["layers"]
    assert first.params["parameters"] == "1210"
    for path in (
        "config.yaml",
        "environment.json",
        "log.txt",
        "evaluation/confusion.json",
        "evaluation/mistakes.json",
        "evaluation/samples.npz",
    ):
        assert store.reader.artifact(first, path), path
    assert first.started_at is not None
    assert first.seconds is not None


def _stops(home: Home, store: Store) -> None:
    run_id = _queue(store, home, _config(epochs=100_000))
    wait_for(lambda: (store.get(run_id).progress or None) and "loss" in store.get(run_id).metrics, "the first epoch")
    request_stop(store, store.get(run_id), home=home)
    run = wait_for_end(store, run_id)
    assert run.status is Status.KILLED
    assert "test_loss" in run.metrics
    steps = store.reader.histories([run_id], ["loss"])[run_id]["loss"].steps
    assert list(steps) == list(range(1, len(steps) + 1)), "whole epochs alone, each once"


def _fails_with_a_sentence(home: Home, store: Store) -> None:
    layers = load_config(QUICK.replace("units: 10}", "units: 3}")).layers
    run = wait_for_end(store, _queue(store, home, _config(layers=layers)))
    assert run.status is Status.FAILED
    assert "layers.4" in run.tags[Tag.FAILURE]
    assert store.reader.artifact(run, "log.txt")


def _says_that_it_diverged(home: Home, store: Store) -> None:
    optimizer = load_config(QUICK).optimizer.replace(learning_rate=1e10)
    run = wait_for_end(store, _queue(store, home, _config(optimizer=optimizer)))
    assert run.status is Status.FINISHED
    assert run.tags[Tag.JUDGEMENT].startswith("Training diverged: the loss ")
    assert run.tags[Tag.JUDGEMENT] in (store.reader.artifact(run, "log.txt") or b"").decode()


def _heads_its_page_with_the_epoch_that_was_kept(home: Home, store: Store) -> None:
    """Nothing improves by so much, so training ends after the second epoch with the first one's weights."""
    stopping = (
        "{callback: EarlyStopping, monitor: val_loss, patience: 1, min_delta: 1.0e+9, restore_best_weights: true}"
    )
    config = load_config(
        QUICK.replace("dataset: digits", "dataset: {name: digits, test_fraction: 0}").replace("epochs: 2", "epochs: 9")
        + f"callbacks: [{stopping}]\n"
    )
    run = wait_for_end(store, _queue(store, home, config))
    assert run.status is Status.FINISHED, run.tags.get(Tag.FAILURE)
    assert run.kept is not None
    assert (run.kept.epoch, run.kept.epochs, run.kept.ended_by) == (1, 2, "EarlyStopping")
    logged = store.reader.histories([run.run_id], ["val_accuracy", "val_loss"])[run.run_id]
    shown = {each.label: each.value for each in big_numbers(run, now=0.0)}
    for name in ("val_accuracy", "val_loss"):
        first, last = logged[name].values
        assert (run.kept_metrics[name], run.metrics[name]) == (first, last)
        assert shown[MetricName.of(name).label] == number(first)
        (result,) = results([run])[name]
        assert (result.value, result.last) == (first, last if last != first else None)


def _dies_alone(home: Home, store: Store) -> None:
    doomed, other = (_queue(store, home, _config(epochs=100_000, seed=seed)) for seed in (1, 2))
    wait_for(lambda: all("loss" in store.get(run_id).metrics for run_id in (doomed, other)), "both to train")
    owner = store.get(doomed).owner
    assert owner is not None
    epochs = _epochs(store, doomed)
    psutil.Process(owner.pid).kill()
    wait_for(lambda: _epochs(store, doomed) > epochs + 3, "it to go on")
    assert store.get(doomed).owner != owner
    assert store.get(other).status is Status.RUNNING
    for run_id in (doomed, other):
        request_stop(store, store.get(run_id), home=home)
        assert wait_for_end(store, run_id).status is Status.KILLED


def _epochs(store: Store, run_id: str) -> int:
    series = store.reader.histories([run_id], ["loss"])[run_id]["loss"]
    assert len(set(series.steps)) == len(series.steps), "no epoch twice"
    return len(series.steps)


def _refuses_a_second_worker(home: Home, uri: str, first: Process) -> None:
    with running_worker(home, uri, warm=False) as second:
        second.wait(20)
        assert second.returncode == 2
    assert f"is already running (process {first.pid})" in Path(home.path, "worker.log").read_text()


def _leaves_no_process_and_requeues(home: Home, store: Store, process: Process) -> None:
    run_id = _queue(store, home, _config(epochs=100_000))
    wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 3, "forkserver, inspector, training"
    process.terminate()
    process.wait(120)
    wait_for(lambda: not any(_lives(child) for child in children), "all its processes to end")
    assert store.get(run_id).status is Status.SCHEDULED
    assert "was asked to exit" in (home.run(run_id) / "log.txt").read_text(), "it left by itself, with a checkpoint"
    assert has_checkpoint(home.run(run_id))
    assert holder_of(home.worker_lock) is None


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
