"""Reruns that a worker trains."""

import json

import pytest

from tests.support.shop import Shop
from tests.support.worker import wait_for_end
from trainer.config import load_config
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.reproduce import Verdict
from trainer.tracking import Tag

CONFIG = """\
dataset: digits
layers:
  - Flatten
  - {layer: Dense, units: 8, activation: relu}
  - {layer: Dropout, rate: 0.2}
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
metrics: accuracy
epochs: 2
"""
TWO_THREADS = '{"intra": 2, "inter": 1}'


@pytest.mark.slow
def test_worker_gives_a_rerun_the_threads_and_the_verdict(shop: Shop) -> None:
    # Of another queue, until it has its threads.
    first = enqueue(shop.store, load_config(CONFIG), queue="none")
    shop.store.set_tags(first, {Tag.THREADS: TWO_THREADS, Tag.QUEUE: queue_name(shop.home)})
    wake_worker(shop.home)
    # Earlier versions recorded no setting of the graph optimizer; it was on.
    recorded = json.loads(TWO_THREADS) | {"grappler": True}
    assert json.loads(wait_for_end(shop.store, first).tags[Tag.THREADS]) == recorded
    again, variant = (
        enqueue(shop.store, load_config(text), queue=queue_name(shop.home), rerun_of=first)
        for text in (CONFIG, CONFIG.replace("units: 8", "units: 9"))
    )
    wake_worker(shop.home)
    run = wait_for_end(shop.store, again)
    assert json.loads(run.tags[Tag.THREADS]) == recorded
    verdict = Verdict.loads(run.tags[Tag.VERDICT])
    assert verdict is not None
    assert verdict.identical, verdict.sentence()
    assert Tag.VERDICT not in wait_for_end(shop.store, variant).tags
