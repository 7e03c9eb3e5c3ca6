"""Runs that share a process, with the real worker: same bits as in a process of their own, and what harms them."""

import json
import os
import zipfile
from pathlib import Path

import psutil
import pytest

from tests.support.shop import OWN_PROCESS, Shop, opened_shop, pid_of, unused_batch_size
from tests.support.worker import wait_for, wait_for_end
from trainer.config import Config, load_config
from trainer.execution import wish_standby
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag

pytestmark = pytest.mark.slow

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
def test_runs_have_the_same_bits_in_a_standby_and_one_after_another(shop: Shop, net: str, optimizer: str) -> None:
    config = _config(net, optimizer, batch_size=unused_batch_size())
    other = config.model_copy(
        update={"seed": 4_294_967_295, "optimizer": config.optimizer.replace(learning_rate=0.01), "epochs": 3}
    )
    alone = [shop.trained(each, OWN_PROCESS) for each in (config, other)]
    pid = shop.standby(other.model_copy(update={"seed": 3, "epochs": 7}))
    shared = [shop.trained(each) for each in (config, other, config)]
    assert {pid_of(run) for run in shared} == {pid}
    assert pid not in {pid_of(run) for run in alone}
    for run, expected in zip(shared, (alone[0], alone[1], alone[0]), strict=True):
        _assert_same(shop.store, run, expected)


def test_networks_one_after_another_have_the_same_bits_as_in_processes_of_their_own(shop: Shop) -> None:
    """What is left is the data; layers are even called the same."""
    configs = [_config(net, optimizer) for net, optimizer in (("dense", "adam"), ("recurrent", "Nadam"))]
    configs += [_config("normalized", "RMSprop", batch_size=20), _config("dense", "adam", seed=5)]
    shared = [shop.trained(each) for each in configs]
    assert len({pid_of(run) for run in shared}) == 1
    alone = [shop.trained(each, OWN_PROCESS) for each in configs]
    for run, expected in zip(shared, alone, strict=True):
        _assert_same(shop.store, run, expected)
        assert _layers(shop.home, run) == _layers(shop.home, expected)


def _layers(home: Home, run: Run) -> list[str]:
    """The names of the layers in the run's model file."""
    (file,) = (each for each in home.artifacts.rglob("*.keras") if _made_by(each, run))
    with zipfile.ZipFile(file) as archive:
        described = json.loads(archive.read("config.json"))
    return [layer["config"]["name"] for layer in described["config"]["layers"]]


def _made_by(file: Path, run: Run) -> bool:
    return any(run.run_id in (each / "MLmodel").read_text() for each in file.parents if (each / "MLmodel").exists())


def test_process_is_used_again_for_the_same_data_and_threads_alone(shop: Shop) -> None:
    first, second = shop.trained(_config()), shop.trained(_config())
    assert pid_of(first) == pid_of(second)
    wide = load_config(_config().canonical_json().replace('"units":16', '"units":5000'))
    assert pid_of(shop.trained(wide.model_copy(update={"epochs": 1}))) != pid_of(first), "it gets other threads"
    elsewhere = _config(dataset=_config().dataset.replace(split_seed=3), epochs=1)
    other = shop.trained(elsewhere)
    assert pid_of(other) != pid_of(first), "other data"


def test_run_is_not_lost_with_its_standby(shop: Shop) -> None:
    config = _config(epochs=200, batch_size=unused_batch_size())
    expected = shop.trained(config, OWN_PROCESS)

    pid = shop.standby(config)
    psutil.Process(pid).kill()
    run = shop.trained(config)
    assert pid_of(run) != pid

    for place, moment in enumerate(("the handing over", "the first epoch")):
        # The process that has just trained suits the config too; another request ends it.
        shop.rests(run)
        shop.standby(_config(batch_size=unused_batch_size()))
        pid = shop.standby(config)
        run_id = shop.queue(config)
        _await(shop.store, run_id, pid, epoch=place)
        psutil.Process(pid).kill()
        run = wait_for_end(shop.store, run_id)
        assert run.status is Status.FINISHED, f"{moment}: {run.tags.get(Tag.FAILURE)}"
        shop.same_bits(run, expected)


def _await(store: Store, run_id: str, pid: int, *, epoch: int) -> None:
    """Waits until the process has the run, and has told of its first epoch where `epoch` is 1."""
    wait_for(lambda: (owner := store.get(run_id).owner) is not None and owner.pid == pid, "the run to be taken")
    wait_for(lambda: epoch == 0 or "loss" in store.get(run_id).metrics, "the first epoch")


def test_config_that_the_check_refuses_gets_no_standby(shop: Shop) -> None:
    config = _config(batch_size=unused_batch_size())
    *hidden, output = config.layers
    refused = config.model_copy(update={"layers": (*hidden, output.model_copy(update={"units": 10**12}))})
    former = shop.standby(_config(batch_size=unused_batch_size()))
    wish_standby(shop.home, refused)
    wait_for(lambda: shop.idle().get("pid", former) != former, "a process that tries")
    wait_for(lambda: not shop.idle(), "it to give up")
    good = shop.standby(config)
    assert pid_of(shop.trained(config)) == good
    assert os.path.exists(shop.home.standby_wish)


def test_standby_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    with opened_shop(tmp_path) as shop:
        pid = shop.standby(_config())
        psutil.Process(shop.worker).kill()
        wait_for(lambda: not psutil.pid_exists(pid), "the standby to end", 30)
