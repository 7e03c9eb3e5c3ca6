"""Count the runs of a question to a server, which has no answer for that but to return runs."""

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Tally", "count_from"]

# To return so many runs takes a server as long as a few requests for one.
_FEW = 50
_FIRST_STEP = 64


class Tally(NamedTuple):
    """A number of runs, and whether there are no more."""

    total: int
    exact: bool


def count_from(read: Callable[[int, int], int], *, least: int, guess: int = 0) -> int:
    """Return the number of runs.

    Args:
        read: returns how many runs the server finds from an offset, at most the given number.
        least: a number that is known to be there.
        guess: what it may be, 0 if unknown; one request confirms it.
    """
    low, high = least, None
    step, near = max(least, _FIRST_STEP), 0
    if guess > least:
        there = read(guess - 1, 2)
        if there == 1:
            return guess
        near = 1
        if there:
            low, step = guess + 1, 1
        else:
            high = guess - 1
    while high is None:
        if read(low + step - 1, 1):
            low, step = low + step, 2 * step
        else:
            high = low + step - 1
    while high - low > _FEW:
        # After a wrong guess the number is probably near it.
        middle = max((low + high) // 2, high - near) if near else (low + high) // 2
        low, high = (middle + 1, high) if read(middle, 1) else (low, middle)
        near *= 4
    return low + read(low, high - low) if high > low else low
