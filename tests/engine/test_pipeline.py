import numpy as np
import pytest

from trainer.data import Arrays
from trainer.engine.backend import tf
from trainer.engine.pipeline import Position, blocks_in_order, execution, order_of, shuffled_blocks, steps_of


def _arrays(samples: int) -> Arrays:
    return Arrays(np.arange(samples, dtype=np.float32)[:, None], np.arange(samples))


def _seen(arrays: Arrays, *, steps_per_execution: int, epoch: int = 0, first_step: int = 0) -> list[list[int]]:
    position = Position()
    position.move(epoch=epoch, first_step=first_step)
    blocks = shuffled_blocks(arrays, seed=3, batch_size=4, steps_per_execution=steps_per_execution, position=position)
    return [y.numpy().tolist() for _, y in blocks]


def test_order_is_a_pure_function_of_seed_and_epoch() -> None:
    orders = {(seed, epoch): tuple(order_of(seed, epoch, 50).numpy()) for seed in (0, 1) for epoch in (0, 1)}
    assert len(set(orders.values())) == 4
    tf.random.set_seed(99)
    assert all(tuple(order_of(seed, epoch, 50).numpy()) == order for (seed, epoch), order in orders.items())
    assert all(sorted(order) == list(range(50)) for order in orders.values())


def test_order_takes_the_largest_seed() -> None:
    assert sorted(order_of(2**32 - 1, 10**6, 5).numpy()) == list(range(5))


@pytest.mark.parametrize("steps_per_execution", [1, 2, 3, 5, 50])
def test_one_pass_is_one_epoch_where_steps_do_not_divide(steps_per_execution: int) -> None:
    seen = _seen(_arrays(19), steps_per_execution=steps_per_execution)
    assert len(seen) == steps_of(5, steps_per_execution)
    flat = [sample for block in seen for sample in block]
    assert flat == order_of(3, 0, 19).numpy().tolist()


def test_epochs_have_other_orders() -> None:
    assert _seen(_arrays(19), steps_per_execution=5, epoch=0) != _seen(_arrays(19), steps_per_execution=5, epoch=1)


def test_a_pass_from_the_middle_is_the_end_of_the_whole_one() -> None:
    whole = [sample for block in _seen(_arrays(19), steps_per_execution=2) for sample in block]
    rest = [sample for block in _seen(_arrays(19), steps_per_execution=2, first_step=3) for sample in block]
    assert rest == whole[3 * 4 :]


def test_cardinality_counts_batches_wherever_the_pass_begins() -> None:
    position = Position()
    position.move(epoch=0, first_step=3)
    blocks = shuffled_blocks(_arrays(19), seed=0, batch_size=4, steps_per_execution=2, position=position)
    assert int(blocks.cardinality()) == 5
    assert int(blocks_in_order(_arrays(19), batch_size=4, steps_per_execution=2).cardinality()) == 5


def test_blocks_in_order_hold_every_sample_once() -> None:
    blocks = blocks_in_order(_arrays(19), batch_size=4, steps_per_execution=2)
    assert [sample for _, y in blocks for sample in y.numpy()] == list(range(19))


def test_execution_cuts_a_block_into_batches() -> None:
    sizes = tf.Variable(tf.zeros(5, tf.int32))
    count = tf.Variable(0)

    def step(data: tuple[object, object]) -> None:
        sizes.scatter_nd_update([[count.read_value()]], [tf.shape(data[1])[0]])
        count.assign_add(1)

    run = execution(step, lambda: {"count": count.read_value()}, batch_size=4)
    blocks = iter(blocks_in_order(_arrays(19), batch_size=4, steps_per_execution=5))
    assert int(run(blocks)["count"]) == 5
    assert sizes.numpy().tolist() == [4, 4, 4, 4, 3]
