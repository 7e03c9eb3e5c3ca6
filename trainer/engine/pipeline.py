"""The batches of a training: the order of the samples, and how one execution divides them into steps.

The data are tensors in memory, or read ahead in pieces where they are too large for it, without a `tf.data` pipeline,
whose iterators alone take longer than an epoch of a small network. `fit` and `evaluate` iterate over ranges (begin,
stop) of the samples, one for each execution. The execution, a single traced function, loops over its batches and calls
Keras's own step for each. Therefore the bits are the same for every `steps_per_execution`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from trainer.engine.backend import DataAdapter, tf

__all__ = [
    "PREDICTED_AT_ONCE",
    "Batches",
    "Execution",
    "ShuffledBatches",
    "Streamed",
    "data_device",
    "execution",
    "order_of",
    "steps_of",
    "tensors_of",
]

PREDICTED_AT_ONCE = 256
"""Samples, at least, that are predicted at once; more save nothing measurable."""

# Bytes of samples that may lie in a GPU's memory, which the network needs; larger data stay in the host's.
_LARGEST_ON_GPU = 2**30


class Execution(NamedTuple):
    """The arguments of one execution: the samples, their order, and the part of it that is next.

    `parts` are tensors of (samples, …): x, y, and weights where each sample has one. `order` holds one tensor of
    (samples,) of int32, or nothing if the samples keep their order. `begin` and `stop` are int32.
    """

    parts: tuple[Any, ...]
    order: tuple[Any, ...]
    begin: Any
    stop: Any


class Streamed(Protocol):
    """Samples that are not in memory; see `trainer.engine.streamed`."""

    samples: int
    taken: tuple[Any, ...]

    def prepare(self, x: Any) -> Any:
        """Return the x of a network from that of an execution."""
        ...

    def executions(self, order: tuple[Any, ...], ranges: Sequence[tuple[int, int]]) -> Iterator[Execution]:
        """Yield an execution for each range (begin, stop) of the samples in this order."""
        ...


class Batches(DataAdapter):  # type: ignore[misc]
    """One pass over samples as they come, for `evaluate`.

    Keras iterates whatever `get_tf_dataset` returns and hands the iterator to `model.test_function`, so plain Python
    will do (checked with Keras 3.15 without a distribution strategy).
    """

    def __init__(self, parts: tuple[Any, ...] | Streamed, *, batch_size: int, steps_per_execution: int) -> None:
        """`parts` are x and y, with weights where each sample has one, as tensors of (samples, …), or streamed."""
        self._streamed = None if isinstance(parts, tuple) else parts
        self.taken: tuple[Any, ...] = parts if isinstance(parts, tuple) else parts.taken
        """The tensors as executions get them, of one sample only if the samples are streamed."""
        self._samples = int(parts[0].shape[0]) if isinstance(parts, tuple) else parts.samples
        self._batch_size, self._per_execution = batch_size, steps_per_execution
        self._order: tuple[Any, ...] = ()
        self._first_step = 0

    @property
    def parts(self) -> tuple[Any, ...]:
        """The tensors that the network gets, of one sample only if the samples are streamed."""
        return (self.prepare(self.taken[0]), *self.taken[1:])

    @property
    def is_ordered(self) -> bool:
        """Whether each execution brings an order of its samples."""
        return bool(self._order)

    def prepare(self, x: Any) -> Any:
        """Return the x of the network from that of an execution, both of (samples, …)."""
        return x if self._streamed is None else self._streamed.prepare(x)

    @property
    def num_batches(self) -> int:
        """The batches in a whole pass, wherever this one begins: `fit` must not learn another number."""
        return steps_of(self._samples, self._batch_size)

    def get_tf_dataset(self) -> "Batches":
        """Return what Keras iterates over: the batches themselves."""
        return self

    def __iter__(self) -> Iterator[Execution]:
        """Yield the executions of a pass, each of up to `steps_per_execution` batches."""
        if self._streamed is not None:
            return self._streamed.executions(self._order, list(self._ranges()))
        return (Execution(self.taken, self._order, _number(begin), _number(stop)) for begin, stop in self._ranges())

    def nothing(self) -> Iterator[Execution]:
        """Yield an execution without any step, which makes TensorFlow trace the function and prepare its kernels."""
        yield Execution(self.taken, self._order, _number(0), _number(0))

    def _ranges(self) -> Iterator[tuple[int, int]]:
        for step in range(self._first_step, self.num_batches, self._per_execution):
            begin, stop = (at * self._batch_size for at in (step, step + self._per_execution))
            yield begin, min(stop, self._samples)


class ShuffledBatches(Batches):
    """The same for `fit`: one pass is one epoch, in the order that follows from the seed and the epoch."""

    def __init__(
        self, parts: tuple[Any, ...] | Streamed, *, seed: int, batch_size: int, steps_per_execution: int
    ) -> None:
        super().__init__(parts, batch_size=batch_size, steps_per_execution=steps_per_execution)
        self.seed = seed
        self.move(epoch=0)

    def move(self, *, epoch: int, first_step: int = 0) -> None:
        """Set the next epoch and the step that it begins at, both from 0; `on_epoch_begin` comes before the pass."""
        self._order = (order_of(self.seed, epoch, self._samples),)
        self._first_step = first_step


def steps_of(samples: int, batch_size: int) -> int:
    """Return the steps in an epoch; the last one may have fewer samples."""
    return -(-samples // batch_size)


def order_of(seed: int, epoch: int, samples: int) -> Any:
    """Return the order of an epoch's samples, (samples,) of int32: a pure function of the seed and the epoch."""
    key = tf.constant([seed, epoch], tf.int64)
    return tf.random.experimental.stateless_shuffle(tf.range(samples, dtype=tf.int32), seed=key)


def data_device(size: int) -> str | None:
    """Return the device for samples of `size` bytes: the CPU if they are too large for a GPU, None for the default."""
    return "CPU:0" if size > _LARGEST_ON_GPU and tf.config.list_logical_devices("GPU") else None


def tensors_of(*arrays: Any, device: str | None = None) -> tuple[Any, ...]:
    """Return the arrays that are not None as tensors of the same bytes; `device` is the result of `data_device`."""
    with tf.device(device):
        # `tf.constant` would copy an array twice if its memory is not aligned, this at most once.
        return tuple(tf.convert_to_tensor(array) for array in arrays if array is not None)


def execution(
    step: Callable[[Any], Any],
    results: Callable[[], Any],
    batches: Batches,
    *,
    batch_size: int,
    evaluates: bool = False,
    device: str | None = None,
) -> Callable[[Iterator[Execution]], Any]:
    """Return the function that Keras calls for each execution: `step` for every batch, then the running `results`.

    It replaces `model.train_function` and `model.test_function`. It is traced once for all samples of the shapes
    and types of `batches`, whatever their number. One that `evaluates` gets them without weights and without an order.
    `device` is where the samples are.
    """

    def execute(parts: tuple[Any, ...], order: tuple[Any, ...], begin: Any, stop: Any) -> Any:
        def body(at: Any) -> Any:
            end = tf.minimum(at + batch_size, stop)
            # Gathered on a GPU, samples in the host's memory would be copied there whole at each execution.
            with tf.device(device):
                x, *others = _batch(parts, order, at, end)
            step((batches.prepare(x), *others))
            return (at + batch_size,)

        tf.while_loop(lambda at: at < stop, body, [begin], parallel_iterations=1)
        return results()

    place = tf.TensorSpec((), tf.int32)
    order = (tf.TensorSpec((None,), tf.int32),) if batches.is_ordered and not evaluates else ()
    taken = batches.taken[:2] if evaluates else batches.taken
    samples = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in taken)
    # Without autograph TensorFlow does not search the functions for Python loops, which takes a tenth of a second.
    traced = tf.function(execute, input_signature=[samples, order, place, place], autograph=False)
    return lambda executions: traced(*next(executions))


def _batch(parts: tuple[Any, ...], order: tuple[Any, ...], begin: Any, end: Any) -> tuple[Any, ...]:
    if not order:
        return tuple(part[begin:end] for part in parts)
    indices = order[0][begin:end]
    return tuple(tf.gather(part, indices) for part in parts)


def _number(value: int) -> Any:
    return tf.constant(value, tf.int32)
