"""The order of samples and the steps of one execution: the same bits however many steps an execution has.

`fit` counts in batches, as always. The dataset behind it gives one block for each execution, `steps_per_execution`
batches at once, and the execution cuts the block into batches. That saves Keras's own loop a trip through the data
set for every step, and the result of every metric for every step; what each step computes is Keras's `train_step`.
"""

from collections.abc import Callable
from typing import Any

from trainer.data.source import AnyArray, Arrays
from trainer.engine.backend import tf

__all__ = ["Position", "blocks_in_order", "execution", "order_of", "shuffled_blocks", "steps_of"]


class Position:
    """Where training is: the epoch and the first step in it, read whenever a pass over the data begins."""

    def __init__(self) -> None:
        self.epoch = tf.Variable(0, dtype=tf.int64, trainable=False, name="epoch")
        self.first_step = tf.Variable(0, dtype=tf.int64, trainable=False, name="first_step")

    def move(self, *, epoch: int, first_step: int = 0) -> None:
        """Sets both, counted from 0; call it in `on_epoch_begin`, which comes before the pass."""
        self.epoch.assign(epoch)
        self.first_step.assign(first_step)


def steps_of(samples: int, batch_size: int) -> int:
    """The steps in an epoch; the last one may have fewer samples."""
    return -(-samples // batch_size)


def order_of(seed: int, epoch: Any, samples: int) -> Any:
    """The order of an epoch's samples, (samples,) of int32: a pure function of the seed and the epoch."""
    key = tf.stack([tf.constant(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.experimental.stateless_shuffle(tf.range(samples, dtype=tf.int32), seed=key)


def shuffled_blocks(
    arrays: Arrays,
    *,
    seed: int,
    batch_size: int,
    steps_per_execution: int,
    position: Position,
    weights: AnyArray | None = None,
) -> Any:
    """A dataset of which one pass is one epoch from `position` on, in blocks of up to `steps_per_execution` batches.

    A block is (x, y), or (x, y, weights) where each sample has a weight.
    Its cardinality is the epoch's number of batches, whatever step the pass begins at: `fit` must not learn another.
    """
    parts = tuple(tf.constant(part) for part in (*arrays, weights) if part is not None)
    samples = len(arrays.y)
    steps = steps_of(samples, batch_size)

    @_as_written
    def epoch(_: Any) -> Any:
        order = order_of(seed, position.epoch.read_value(), samples)
        starts = tf.data.Dataset.range(position.first_step.read_value(), steps, steps_per_execution)

        @_as_written
        def block(start: Any) -> Any:
            indices = order[start * batch_size : (start + steps_per_execution) * batch_size]
            return tuple(tf.gather(part, indices) for part in parts)

        return starts.map(block)

    return _counted(tf.data.Dataset.range(1).flat_map(epoch).prefetch(1), steps)


def blocks_in_order(arrays: Arrays, *, batch_size: int, steps_per_execution: int) -> Any:
    """The same without shuffling, for evaluation."""
    x, y = tf.constant(arrays.x), tf.constant(arrays.y)
    steps = steps_of(len(arrays.y), batch_size)

    @_as_written
    def block(start: Any) -> Any:
        part = slice(start * batch_size, (start + steps_per_execution) * batch_size)
        return x[part], y[part]

    return _counted(tf.data.Dataset.range(0, steps, steps_per_execution).map(block), steps)


def execution(step: Callable[[Any], Any], results: Callable[[], Any], *, batch_size: int) -> Callable[[Any], Any]:
    """What Keras calls once for every execution: `step` for each batch of the next block, then the running `results`.

    It stands in for `model.train_function` or `model.test_function`.
    """

    def execute(iterator: Any) -> Any:
        parts = iterator.get_next()
        samples = tf.shape(parts[1])[0]

        def body(begin: Any) -> Any:
            end = tf.minimum(begin + batch_size, samples)
            step(tuple(part[begin:end] for part in parts))
            return (begin + batch_size,)

        tf.while_loop(lambda begin: begin < samples, body, [tf.constant(0)], parallel_iterations=1)
        return results()

    compiled: Callable[[Any], Any] = tf.function(execute, reduce_retracing=True, autograph=False)
    return compiled


def _as_written(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Spares TensorFlow the search for Python loops to rewrite, a tenth of a second a function."""
    unchanged: Callable[[Any], Any] = tf.autograph.experimental.do_not_convert(function)
    return unchanged


def _counted(dataset: Any, steps: int) -> Any:
    dataset.cardinality = lambda: tf.constant(steps, tf.int64)
    return dataset
