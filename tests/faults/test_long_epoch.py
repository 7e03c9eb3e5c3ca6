"""A kill deep within an epoch of half a minute loses a part of it, and changes no bit."""

import contextlib
import re

import psutil
import pytest

from tests.support.fault_table import TRIES, Table
from tests.support.faults import Reference, Scene
from tests.support.worker import wait_for, wait_for_end
from trainer.config import Config, load_config
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.tracking import Status

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(TRIES < 2, reason="takes minutes; `make faults N=2` and more try it"),
]

_WITHIN = re.compile(r"checkpoint-\d+-0*[1-9]\d*\.bin")


def _one_long_epoch() -> Config:
    return load_config(
        """
name: long-epoch
dataset: digits
layers:
  - {layer: Reshape, target_shape: [8, 8, 1]}
  - {layer: Conv2D, filters: 256, kernel_size: 3, padding: same, activation: relu}
  - {layer: Conv2D, filters: 256, kernel_size: 3, padding: same, activation: relu}
  - {layer: Conv2D, filters: 256, kernel_size: 3, padding: same, activation: relu}
  - {layer: Conv2D, filters: 256, kernel_size: 3, padding: same, activation: relu}
  - {layer: Dropout, rate: 0.2}
  - Flatten
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: Adam
metrics: [accuracy]
epochs: 1
batch_size: 1
"""
    )


def test_kill_deep_within_an_epoch_goes_on_from_its_middle(local: Scene, table: Table) -> None:
    config = _one_long_epoch()
    run_id = enqueue(local.store, config, queue=queue_name(local.home))
    wake_worker(local.home)
    run = wait_for_end(local.store, run_id)
    assert run.status is Status.FINISHED, run.tags

    def kill_within(scene: Scene, run_id: str) -> bool:
        process, folder = scene.wait_for_training(run_id), scene.home.run(run_id)

        def is_within() -> bool:
            return any(_WITHIN.fullmatch(file.name) for file in folder.glob("checkpoint-*.bin"))

        wait_for(lambda: is_within() or not process.is_running(), "a checkpoint within the epoch", every=0.05)
        met = is_within() and scene.is_at_work(run_id)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        return met

    table.fill("kill -9 deep within an epoch", kill_within, local, Reference.of(local.store, run), config=config)
