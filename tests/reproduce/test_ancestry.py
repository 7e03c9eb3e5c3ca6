import pytest

from tests.support.store import config_of
from trainer.config import RunWeights
from trainer.errors import ConfigError
from trainer.execution import enqueue
from trainer.reproduce import ancestry
from trainer.tracking import Store, Tag


def test_chain_goes_back_to_the_first_run(store: Store) -> None:
    first = enqueue(store, config_of(), queue="test/0")
    second = enqueue(store, config_of(units=64), queue="test/0", rerun_of=first)
    third = enqueue(store, config_of(units=32), queue="test/0")
    store.set_tags(third, {Tag.RESUMED_FROM: second})
    assert [run.run_id for run in ancestry(store.reader, store.get(third))] == [first, second, third]
    assert len(ancestry(store.reader, store.get(first))) == 1


def test_chain_ends_at_a_run_that_is_gone_and_in_a_circle(store: Store) -> None:
    orphan = enqueue(store, config_of(), queue="test/0", rerun_of="f" * 32)
    assert [run.run_id for run in ancestry(store.reader, store.get(orphan))] == [orphan]
    other = enqueue(store, config_of(), queue="test/0", rerun_of=orphan)
    store.set_tags(orphan, {Tag.RERUN_OF: other})
    assert [run.run_id for run in ancestry(store.reader, store.get(orphan))] == [other, orphan]


def test_fine_tuned_run_descends_from_the_run_whose_weights_it_starts_from(store: Store) -> None:
    first = enqueue(store, config_of(), queue="test/0")
    tuned = enqueue(store, config_of().model_copy(update={"weights": RunWeights(run=first)}), queue="test/0")
    assert [run.run_id for run in ancestry(store.reader, store.get(tuned))] == [first, tuned]
    with pytest.raises(ConfigError, match="is not in the store"):
        enqueue(store, config_of().model_copy(update={"weights": RunWeights(run="f" * 32)}), queue="test/0")
