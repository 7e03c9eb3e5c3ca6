"""Answers of a server that may be used again for some seconds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

_Answer = TypeVar("_Answer")


class Recent(Generic[_Answer]):
    """The latest answers with the time of each.

    Args:
        most: the number of answers that are kept.
        clock: returns seconds; only differences count.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, _Answer]] = OrderedDict()

    def get(self, question: Hashable, *, within: float) -> _Answer | None:
        """Return the answer to a question if it is not older than `within` seconds, else None."""
        with self._lock:
            when, answer = self._kept.get(question, (0.0, None))
            return answer if answer is not None and self._clock() - when <= within else None

    def put(self, question: Hashable, answer: _Answer) -> _Answer:
        """Keep an answer, and return it."""
        with self._lock:
            self._kept[question] = (self._clock(), answer)
            self._kept.move_to_end(question)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
