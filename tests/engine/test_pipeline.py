import numpy as np
import pytest

from trainer.data import Arrays
from trainer.engine.backend import tf
from trainer.engine.pipeline import (
    Batches,
    ShuffledBatches,
    data_device,
    execution,
    order_of,
    steps_of,
    tensors_of,
)


def _arrays(samples: int) -> Arrays:
    return Arrays(np.arange(samples, dtype=np.float32)[:, None], np.arange(samples))


def _seen(arrays: Arrays, *, steps_per_execution: int, epoch: int = 0, first_step: int = 0) -> list[list[int]]:
    """The samples of each execution of a pass."""
    sizes = {"batch_size": 4, "steps_per_execution": steps_per_execution}
    batches = ShuffledBatches(tensors_of(*arrays), seed=3, **sizes)
    batches.move(epoch=epoch, first_step=first_step)
    return [order[begin:stop].numpy().tolist() for _, (order,), begin, stop in batches]


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


def test_number_of_batches_is_the_same_wherever_a_pass_begins() -> None:
    batches = ShuffledBatches(tensors_of(*_arrays(19)), seed=0, batch_size=4, steps_per_execution=2)
    batches.move(epoch=0, first_step=3)
    assert batches.num_batches == 5
    assert len(list(batches)) == 1
    assert Batches(tensors_of(*_arrays(19)), batch_size=4, steps_per_execution=2).num_batches == 5


def test_passes_without_an_order_hold_every_sample_once() -> None:
    batches = Batches(tensors_of(*_arrays(19)), batch_size=4, steps_per_execution=2)
    assert [(int(begin), int(stop)) for _, _, begin, stop in batches] == [(0, 8), (8, 16), (16, 19)]


@pytest.mark.parametrize("device", [None, "CPU:0"])
@pytest.mark.parametrize("shuffled", [True, False])
def test_execution_takes_batch_after_batch(shuffled: bool, device: str | None) -> None:
    seen = tf.Variable(tf.zeros([0], tf.int64), shape=[None])
    sizes = tf.Variable(tf.zeros([0], tf.int32), shape=[None])

    def step(data: tuple[object, object]) -> None:
        seen.assign(tf.concat([seen.read_value(), data[1]], 0))
        sizes.assign(tf.concat([sizes.read_value(), [tf.shape(data[1])[0]]], 0))

    parts = tensors_of(*_arrays(19), device=device)
    how = {"batch_size": 4, "steps_per_execution": 2}
    batches = ShuffledBatches(parts, seed=3, **how) if shuffled else Batches(parts, **how)
    run = execution(step, lambda: {"seen": tf.size(seen)}, batches, batch_size=4, device=device)
    passes = iter(batches)
    assert [int(run(passes)["seen"]) for _ in range(3)] == [8, 16, 19]
    assert sizes.numpy().tolist() == [4, 4, 4, 4, 3]
    assert seen.numpy().tolist() == (order_of(3, 0, 19).numpy().tolist() if shuffled else list(range(19)))


def test_execution_of_nothing_does_no_step() -> None:
    count = tf.Variable(0)
    batches = ShuffledBatches(tensors_of(*_arrays(19)), seed=3, batch_size=4, steps_per_execution=2)
    run = execution(lambda data: count.assign_add(1), lambda: {"count": count}, batches, batch_size=4)
    assert int(run(batches.nothing())["count"]) == 0


def test_large_data_stay_in_the_hosts_memory_beside_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_device(2**40) is None
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    assert data_device(2**40) == "CPU:0"
    assert data_device(2**20) is None
