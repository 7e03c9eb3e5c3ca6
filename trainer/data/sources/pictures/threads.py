"""Work on many pictures in a thread for each core; Pillow and hashlib leave the interpreter to others meanwhile."""

import collections
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["AT_ONCE", "in_threads"]

AT_ONCE = 32
"""Pictures that a thread works on before it hands over their results, which alone would take as long to hand over."""

_AHEAD = 2

_Result = TypeVar("_Result")


def in_threads(work: Callable[[range], _Result], count: int, *, step: int = AT_ONCE) -> Iterator[_Result]:
    """Yield the results for the indices from 0 to `count`, `step` at a time, in order.

    Only two results a thread are ahead of the one that is yielded, so that memory is bounded.
    """
    workers = os.cpu_count() or 1
    running: collections.deque[Future[_Result]] = collections.deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for first in range(0, count, step):
                running.append(pool.submit(work, range(first, min(first + step, count))))
                if len(running) >= _AHEAD * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for each in running:
                each.cancel()
