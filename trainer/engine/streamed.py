"""Samples that are not in memory as tensors: each execution gets its own, read by one thread ahead of it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.prepared import AnySamples, Stream
from trainer.engine.backend import tf
from trainer.engine.pipeline import Execution

__all__ = ["LARGEST_BLOCK", "StreamedParts", "most_streamed_steps"]

LARGEST_BLOCK = 2**23
"""Bytes of prepared samples in an execution, unless one batch has more; two executions are in memory at a time."""


def most_streamed_steps(x: AnySamples, batch_size: int) -> int:
    """Return the steps of an execution whose samples are a block; those in memory set no limit."""
    if not isinstance(x, Stream):
        return sys.maxsize
    return max(1, LARGEST_BLOCK * len(x) // max(1, x.nbytes * batch_size))


class StreamedParts:
    """The samples of a part, which `Batches` takes in place of tensors.

    The bits of a training are those of tensors in memory: an execution makes the same steps on the same samples in the
    same order.

    Args:
        samples: the number of samples.
        take: returns x, y, and weights where each sample has one, for indices of (samples,), as arrays.
        divisor: what the execution divides x by, which are bytes then; None to leave x as it is.
    """

    def __init__(
        self,
        samples: int,
        take: Callable[[NDArray[np.intp]], Sequence[NDArray[Any] | None]],
        *,
        divisor: float | None = None,
    ) -> None:
        self.samples, self._take, self._divisor = samples, take, divisor
        self.taken = self._tensors(np.arange(min(1, samples), dtype=np.intp))
        """The tensors of one sample as an execution gets them, for their shapes and types."""

    def prepare(self, x: Any) -> Any:
        """Return the x of a network from that of an execution, both of (samples, …)."""
        if self._divisor is None:
            return x
        # Other devices may round a division otherwise than NumPy, which prepares the samples that memory holds.
        with tf.device("CPU:0"):
            return tf.cast(x, tf.float32) / tf.constant(self._divisor, tf.float32)

    def executions(self, order: tuple[Any, ...], ranges: Sequence[tuple[int, int]]) -> Iterator[Execution]:
        """Yield an execution for each range of the order; its samples are read while the one before is computed."""
        rows = order[0].numpy().astype(np.intp) if order else np.arange(self.samples, dtype=np.intp)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="samples") as reader:
            following = (reader.submit(self._tensors, rows[begin:stop]) for begin, stop in ranges)
            coming = next(following, None)
            while coming is not None:
                parts, coming = coming.result(), next(following, None)
                count = tf.constant(int(parts[0].shape[0]), tf.int32)
                yield Execution(parts, (tf.range(count),) if order else (), tf.constant(0, tf.int32), count)

    def _tensors(self, rows: NDArray[np.intp]) -> tuple[Any, ...]:
        with tf.device("CPU:0"):
            return tuple(tf.convert_to_tensor(array) for array in self._take(rows) if array is not None)
