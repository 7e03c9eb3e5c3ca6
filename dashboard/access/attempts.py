"""How often a password may be tried: a few times at once, then ever more slowly."""

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Attempts"]

_FIRST_SECONDS, _LONGEST_SECONDS = 2.0, 300.0
# A wrong password is forgotten after this time without another one, for an address that many people share.
_FORGIVEN_SECONDS = 300.0
# Of names and addresses; the oldest are forgotten, so that nobody can fill the memory.
_MOST_KNOWN = 10_000


class Attempts:
    """Counts wrong passwords by a key: the name, or the address they came from.

    Args:
        free: how many are accepted without a pause.
        clock: seconds.
    """

    def __init__(self, free: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = free, clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def fail(self, key: str) -> None:
        """Count a wrong password."""
        count = self._count(key)
        self._wrong.pop(key, None)
        self._wrong[key] = (count + 1, self._clock())
        while len(self._wrong) > _MOST_KNOWN:
            self._wrong.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Take back one wrong password, which was counted before it was known to be right."""
        count, last = self._wrong.get(key, (0, 0.0))
        if count:
            self._wrong[key] = (count - 1, last)

    def forget(self, key: str) -> None:
        """Forget the wrong passwords of someone who has signed in."""
        self._wrong.pop(key, None)

    def seconds_to_wait(self, key: str) -> float:
        """Return for how long no attempt is accepted, 0 if one is accepted now."""
        count, (_, last) = self._count(key), self._wrong.get(key, (0, 0.0))
        if count < self._free:
            return 0.0
        pause = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(count - self._free, 20))
        return max(0.0, last + pause - self._clock())

    def _count(self, key: str) -> int:
        count, last = self._wrong.get(key, (0, 0.0))
        return max(0, count - int((self._clock() - last) // _FORGIVEN_SECONDS))
