"""How runs end that do not finish by themselves, in a standby and in a process that has trained before; real processes.

The run ends as it would in a process of its own, and the next run has its bits, whether in the same process or not.
"""

import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.support.shop import OWN_PROCESS, Shop, pid_of, unused_batch_size
from tests.support.worker import wait_for, wait_for_end
from trainer.config import Config, load_config
from trainer.execution import NO_LIMITS, Limits, request_stop
from trainer.execution.process.attempts import has_checkpoint
from trainer.tracking import Status, Tag

pytestmark = pytest.mark.slow


@pytest.fixture
def config() -> Config:
    """Two epochs of a network that no process of another test has traced."""
    return load_config(
        "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 16}, {layer: Dropout, rate: 0.2},"
        " {layer: Dense, units: 10}]\nloss: {name: SparseCategoricalCrossentropy, from_logits: true}\n"
        f"optimizer: Adam\nmetrics: [accuracy]\nepochs: 2\nbatch_size: {unused_batch_size()}\n"
    )


def _is_stopped(shop: Shop, run_id: str) -> None:
    shop.training(run_id)
    request_stop(shop.store, shop.store.get(run_id), home=shop.home)
    run = wait_for_end(shop.store, run_id)
    assert (run.status, run.tags.get(Tag.FAILURE)) == (Status.KILLED, None)
    assert "test_loss" in run.metrics, "it was evaluated"
    assert has_checkpoint(shop.home.run(run_id))


def _reaches_its_time(shop: Shop, run_id: str) -> None:
    run = wait_for_end(shop.store, run_id)
    assert run.status is Status.KILLED
    assert run.tags[Tag.FAILURE].startswith("The run reached its time limit of 2 s after ")
    assert "test_loss" in run.metrics, "it was evaluated"
    assert has_checkpoint(shop.home.run(run_id))


@pytest.mark.parametrize(
    ("limits", "ending"),
    [(NO_LIMITS, _is_stopped), (Limits(seconds=2), _reaches_its_time)],
    ids=["stop", "time limit"],
)
def test_process_of_a_run_that_was_ended_early_trains_the_next_one_with_the_same_bits(
    shop: Shop, config: Config, limits: Limits, ending: Callable[[Shop, str], None]
) -> None:
    endless = config.model_copy(update={"epochs": 100_000})
    wider = load_config(config.canonical_json().replace('"units":16', '"units":24'))
    expected = {each: shop.trained(each, OWN_PROCESS) for each in (config, wider)}
    pid = shop.standby(config)
    # The same network is used again; for another one, what is kept are the data.
    for after in (config, wider, config):
        ended = shop.queue(endless, limits)
        ending(shop, ended)
        assert pid_of(shop.store.get(ended)) == pid
        shop.rests(shop.store.get(ended))
        next_one = shop.trained(after)
        assert pid_of(next_one) == pid
        shop.same_bits(next_one, expected[after])


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (signal.SIGTERM, "The training process exited with a checkpoint, as requested."),
        (signal.SIGKILL, "The training process was killed from outside (SIGKILL)"),
    ],
    ids=["SIGTERM", "kill -9"],
)
def test_run_whose_shared_process_was_ended_resumes_with_the_same_bits_in_another(
    shop: Shop, config: Config, number: signal.Signals, told: str
) -> None:
    long = config.model_copy(update={"epochs": 300})
    whole, expected = (shop.trained(each, OWN_PROCESS) for each in (long, config))
    former = shop.standby(config)
    for _ in ("the standby", "a process that has trained before"):
        run_id = shop.queue(long)
        process = shop.training(run_id)
        assert process.pid == former
        process.send_signal(number)
        resumed = shop.finished(run_id)
        shop.same_bits(resumed, whole)
        assert Tag.FAILURE not in resumed.tags
        assert f"Run {run_id}: {told}" in Path(shop.home.path, "worker.log").read_text()
        after = shop.trained(config)
        shop.same_bits(after, expected)
        assert former not in (pid_of(resumed), pid_of(after))
        wait_for(lambda pid=former: not psutil.pid_exists(pid), "the process to end")
        former = pid_of(after)


def test_run_that_fails_records_its_kind_beside_the_sentence(shop: Shop, config: Config) -> None:
    missing = load_config("dataset: {name: npz, path: gone.npz}\nlayers: [Flatten]\nloss: Hinge\n").dataset
    run = wait_for_end(shop.store, shop.queue(config.model_copy(update={"dataset": missing})))
    assert run.status is Status.FAILED
    assert (run.tags[Tag.FAILURE_KIND], "gone.npz" in run.tags[Tag.FAILURE]) == ("data", True)
