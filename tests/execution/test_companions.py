"""Runs that share a process, with the real worker: same bits as in a process of their own, and what harms them."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config import Config, load_config
from trainer.execution import NO_LIMITS, Limits, enqueue, queue_name, request_stop, wish_standby
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag

pytestmark = pytest.mark.slow

_OWN_PROCESS = Limits(memory=10**12)
"""A run with a limit to its memory never shares a process."""

_NETS = {
    "dense": "[Flatten, {layer: Dense, units: 16, activation: relu}, {layer: Dropout, rate: 0.2}]",
    "normalized": "[Flatten, {layer: Dense, units: 16}, BatchNormalization, {layer: GaussianNoise, stddev: 0.1}]",
    "conv": "[{layer: Reshape, target_shape: [8, 8, 1]}, {layer: Conv2D, filters: 4, kernel_size: 3}, Flatten]",
    "recurrent": "[{layer: LSTM, units: 8, dropout: 0.1}, {layer: Dropout, rate: 0.2}]",
}


def _config(net: str = "dense", optimizer: str = "adam", epochs: int = 2, **changes: object) -> Config:
    layers = _NETS[net].removesuffix("]") + ", {layer: Dense, units: 10}]"
    text = (
        f"dataset: digits\nlayers: {layers}\nloss: {{name: SparseCategoricalCrossentropy, from_logits: true}}\n"
        f"optimizer: {optimizer}\nmetrics: [accuracy]\nepochs: {epochs}\n"
    )
    return load_config(text).model_copy(update=changes)


@pytest.fixture
def working(home: Home, uri: str) -> Iterator[int]:
    """A worker that is ready, by its process id."""
    with running_worker(home, uri) as process:
        yield process.pid


def _queue(store: Store, home: Home, config: Config, limits: Limits = NO_LIMITS) -> str:
    return enqueue(store, config, queue=queue_name(home), limits=limits)


def _trained(store: Store, home: Home, config: Config, limits: Limits = NO_LIMITS) -> Run:
    run = wait_for_end(store, _queue(store, home, config, limits))
    assert run.status is Status.FINISHED, run.tags.get(Tag.FAILURE)
    return run


def _standby(home: Home, config: Config) -> int:
    """Has the worker prepare one for the config; its process id."""
    wish_standby(home, config)
    wait_for(lambda: _said(home).get("is_prepared") and _said(home)["pid"], "the standby")
    return int(_said(home)["pid"])


def _said(home: Home) -> dict[str, int]:
    return (holder_of(home.worker_lock) or {}).get("standby") or {}


def _pid(run: Run) -> int:
    assert run.owner is not None
    return run.owner.pid


def _values(store: Store, run: Run) -> dict[str, list[float]]:
    histories = store.reader.histories([run.run_id])[run.run_id]
    return {name: list(series.values) for name, series in histories.items() if name != "epoch_seconds"}


def _assert_same(store: Store, run: Run, other: Run) -> None:
    assert _values(store, run) == _values(store, other)
    assert run.tags[Tag.WEIGHTS] == other.tags[Tag.WEIGHTS]
    for name in ("evaluation/confusion.json", "evaluation/mistakes.json", "preparation.json", "environment.json"):
        assert store.reader.artifact(run, name) == store.reader.artifact(other, name), name
    assert run.params == other.params
    assert run.tags[Tag.THREADS] == other.tags[Tag.THREADS]
    log = (store.reader.artifact(run, "log.txt") or b"").decode()
    assert log.count("Ended after") == 1, "each run has a log of its own"
    assert run.tags[Tag.WEIGHTS] in log


@pytest.mark.parametrize(
    ("net", "optimizer"),
    [("dense", "adam"), ("normalized", "RMSprop"), ("conv", "{name: SGD, momentum: 0.9}"), ("recurrent", "Nadam")],
)
def test_runs_have_the_same_bits_in_a_standby_and_one_after_another(
    working: int, home: Home, store: Store, net: str, optimizer: str
) -> None:
    config = _config(net, optimizer)
    other = config.model_copy(
        update={"seed": 4_294_967_295, "optimizer": config.optimizer.replace(learning_rate=0.01), "epochs": 3}
    )
    alone = [_trained(store, home, each, _OWN_PROCESS) for each in (config, other)]
    pid = _standby(home, other.model_copy(update={"seed": 3, "epochs": 7}))
    shared = [_trained(store, home, each) for each in (config, other, config)]
    assert {_pid(run) for run in shared} == {pid}
    assert pid not in {_pid(run) for run in alone}
    for run, expected in zip(shared, (alone[0], alone[1], alone[0]), strict=True):
        _assert_same(store, run, expected)


def test_networks_one_after_another_have_the_same_bits_as_in_processes_of_their_own(
    working: int, home: Home, store: Store
) -> None:
    """What is left is the data; layers are even called the same."""
    configs = [_config(net, optimizer) for net, optimizer in (("dense", "adam"), ("recurrent", "Nadam"))]
    configs += [_config("normalized", "RMSprop", batch_size=20), _config("dense", "adam", seed=5)]
    shared = [_trained(store, home, each) for each in configs]
    assert len({_pid(run) for run in shared}) == 1
    alone = [_trained(store, home, each, _OWN_PROCESS) for each in configs]
    for run, expected in zip(shared, alone, strict=True):
        _assert_same(store, run, expected)
        assert _layers(home, run) == _layers(home, expected)


def _layers(home: Home, run: Run) -> list[str]:
    """The names of the layers in the run's model file."""
    (file,) = (each for each in home.artifacts.rglob("*.keras") if _made_by(each, run))
    with zipfile.ZipFile(file) as archive:
        described = json.loads(archive.read("config.json"))
    return [layer["config"]["name"] for layer in described["config"]["layers"]]


def _made_by(file: Path, run: Run) -> bool:
    return any(run.run_id in (each / "MLmodel").read_text() for each in file.parents if (each / "MLmodel").exists())


def test_process_is_used_again_after_a_finished_run_alone(working: int, home: Home, store: Store) -> None:
    first, second = _trained(store, home, _config()), _trained(store, home, _config())
    assert _pid(first) == _pid(second)
    wide = load_config(_config().canonical_json().replace('"units":16', '"units":5000'))
    assert _pid(_trained(store, home, wide.model_copy(update={"epochs": 1}))) != _pid(first), "it gets other threads"
    elsewhere = _config(dataset=_config().dataset.replace(split_seed=3), epochs=1)
    other = _trained(store, home, elsewhere)
    assert _pid(other) != _pid(first), "other data"
    stopped = _queue(store, home, elsewhere.model_copy(update={"epochs": 100_000}))
    wait_for(lambda: "loss" in store.get(stopped).metrics, "the first epoch")
    assert _pid(store.get(stopped)) == _pid(other)
    request_stop(store, store.get(stopped), home=home)
    assert wait_for_end(store, stopped).status is Status.KILLED
    assert _pid(_trained(store, home, elsewhere)) != _pid(other), "it was stopped"
    wait_for(lambda: not psutil.pid_exists(_pid(other)), "the stopped run's process to end")


def test_run_is_not_lost_with_its_standby(working: int, home: Home, store: Store) -> None:
    config = _config(epochs=200)
    expected = _trained(store, home, config, _OWN_PROCESS)

    pid = _standby(home, config)
    psutil.Process(pid).kill()
    assert _pid(_trained(store, home, config)) != pid

    for place, moment in enumerate(("the handing over", "the first epoch")):
        home.standby_wish.unlink()
        wait_for(lambda: not _said(home), "the idle process to end")
        pid = _standby(home, config.model_copy(update={"name": f"wish {place}"}))
        run_id = _queue(store, home, config)
        _await(store, run_id, pid, epoch=place)
        psutil.Process(pid).kill()
        run = wait_for_end(store, run_id)
        assert run.status is Status.FINISHED, f"{moment}: {run.tags.get(Tag.FAILURE)}"
        assert _values(store, run) == _values(store, expected)
        assert run.tags[Tag.WEIGHTS] == expected.tags[Tag.WEIGHTS]


def _await(store: Store, run_id: str, pid: int, *, epoch: int) -> None:
    """Waits until the process has the run, and has told of its first epoch where `epoch` is 1."""
    wait_for(lambda: (owner := store.get(run_id).owner) is not None and owner.pid == pid, "the run to be taken")
    wait_for(lambda: epoch == 0 or "loss" in store.get(run_id).metrics, "the first epoch")


def test_standby_ends_with_a_worker_that_is_killed(working: int, home: Home, store: Store) -> None:
    pid = _standby(home, _config())
    psutil.Process(working).kill()
    wait_for(lambda: not psutil.pid_exists(pid), "the standby to end", 30)


def test_config_that_the_check_refuses_gets_no_standby(working: int, home: Home, store: Store) -> None:
    *hidden, output = _config().layers
    refused = _config().model_copy(update={"layers": (*hidden, output.model_copy(update={"units": 10**12}))})
    wish_standby(home, refused)
    wait_for(lambda: _said(home), "a process that tries")
    wait_for(lambda: not _said(home), "it to give up")
    good = _standby(home, _config())
    assert _pid(_trained(store, home, _config())) == good
    assert os.path.exists(home.standby_wish)
