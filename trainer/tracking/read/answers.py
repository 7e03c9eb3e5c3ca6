"""Answers that stay right while a database does not change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

__all__ = ["Answers"]

_Answer = TypeVar("_Answer")


class Answers:
    """The latest answers about one version of a database; a new version forgets them all.

    Args:
        most: the number of answers that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._version: Hashable | None = None
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def knows(self, version: Hashable | None, question: Hashable) -> bool:
        """Return whether a question is answered for this version."""
        with self._lock:
            return version is not None and version == self._version and question in self._kept

    def of(self, version: Hashable | None, question: Hashable, ask: Callable[[], _Answer]) -> _Answer:
        """Return the answer to a question, by asking if it is not known for this version."""
        if version is None:
            return ask()
        with self._lock:
            if version != self._version:
                self._version = version
                self._kept.clear()
            if question in self._kept:
                self._kept.move_to_end(question)
                return cast(_Answer, self._kept[question])
        answer = ask()
        with self._lock:
            # Another thread may have seen a newer version meanwhile.
            if version == self._version:
                self._kept[question] = answer
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return answer
