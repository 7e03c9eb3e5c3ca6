"""Answers that stay right while a database does not change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

__all__ = ["Answers", "AnswersNow"]

_Answer = TypeVar("_Answer")
_Question = TypeVar("_Question", bound=Hashable)


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

    def at(self, version: Hashable | None) -> "AnswersNow":
        """Return the answers about this version of the database."""
        return AnswersNow(self, version)

    def knows(self, version: Hashable | None, question: Hashable) -> bool:
        """Return whether a question is answered for this version."""
        return bool(self.known(version, [question]))

    def known(self, version: Hashable | None, questions: Sequence[_Question]) -> dict[_Question, Any]:
        """Return question → answer, for those that are answered for this version."""
        with self._lock:
            if version is None or version != self._version:
                return {}
            found = {each: self._kept[each] for each in questions if each in self._kept}
            for each in found:
                self._kept.move_to_end(each)
            return found

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


class AnswersNow(NamedTuple):
    """The answers about one version of a database."""

    answers: Answers
    version: Hashable | None

    def of_each(
        self, questions: Sequence[_Question], ask: Callable[[Sequence[_Question]], Mapping[_Question, _Answer]]
    ) -> dict[_Question, _Answer]:
        """Return the answers to several questions, asking at once those that are not known."""
        known: dict[_Question, _Answer] = self.answers.known(self.version, questions)
        missing = [each for each in questions if each not in known]
        found = ask(missing) if missing else {}
        return known | {each: self.of(each, partial(found.__getitem__, each)) for each in missing}

    def of(self, question: Hashable, ask: Callable[[], _Answer]) -> _Answer:
        """Return the answer to a question, by asking if it is not known."""
        return self.answers.of(self.version, question, ask)
