"""Reruns that a worker trains."""

import json

import pytest

from tests.support.reruns import DROPOUT_CONFIG, TWO_THREADS
from tests.support.shop import Shop
from tests.support.worker import wait_for_end
from trainer.config import load_config
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.reproduce import Verdict
from trainer.tracking import Tag


@pytest.mark.slow
def test_worker_gives_a_rerun_the_threads_and_the_verdict(shop: Shop) -> None:
    # Of another queue, until it has its threads.
    first = enqueue(shop.store, load_config(DROPOUT_CONFIG), queue="none")
    shop.store.set_tags(first, {Tag.THREADS: TWO_THREADS, Tag.QUEUE: queue_name(shop.home)})
    wake_worker(shop.home)
    # Earlier versions recorded no setting of the graph optimizer; it was on.
    recorded = json.loads(TWO_THREADS) | {"grappler": True}
    assert json.loads(wait_for_end(shop.store, first).tags[Tag.THREADS]) == recorded
    again, variant = (
        enqueue(shop.store, load_config(text), queue=queue_name(shop.home), rerun_of=first)
        for text in (DROPOUT_CONFIG, DROPOUT_CONFIG.replace("units: 8", "units: 9"))
    )
    wake_worker(shop.home)
    run = wait_for_end(shop.store, again)
    assert json.loads(run.tags[Tag.THREADS]) == recorded
    verdict = Verdict.loads(run.tags[Tag.VERDICT])
    assert verdict is not None
    assert verdict.identical, verdict.sentence()
    assert Tag.VERDICT not in wait_for_end(shop.store, variant).tags
