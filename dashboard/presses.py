"""Buttons that were pressed on a page, kept in the session until the page has done what they say.

A click that arrives while a page is drawn, or just before another one, may end the script before it reaches the button,
and Streamlit (1.67) then forgets it. Callbacks run before the script, so they keep the press instead.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from dashboard.kept_values import SessionValue

__all__ = ["Press", "are_waiting", "press", "pressed", "taken"]


class Press(NamedTuple):
    """A pressed button: the id of the run or sweep of its page, what it does, and the numbers that belong to it."""

    about: str
    action: str
    numbers: tuple[int, ...] = ()


class _Session:
    presses = SessionValue[tuple[Press, ...]]("presses", ())


_session = _Session()


def press(about: str, action: str, numbers: Sequence[int] = ()) -> None:
    """Keep that a button was pressed, as the callback of the button; a second click on it at once does nothing more."""
    new = Press(about, action, tuple(numbers))
    if new not in _session.presses:
        _session.presses = (*_session.presses, new)


def pressed(about: str) -> tuple[Press, ...]:
    """Return what was pressed on the page of this run or sweep, and forget what was pressed on pages that were left."""
    here = tuple(each for each in _session.presses if each.about == about)
    if here != _session.presses:
        _session.presses = here
    return here


def are_waiting(about: str) -> bool:
    """Return whether a press on this page is not done yet, so that the whole page has to run."""
    return any(each.about == about for each in _session.presses)


@contextmanager
def taken(done: Press) -> Iterator[None]:
    """Do what a press says: it is forgotten when the block ends, also by an error.

    It is kept when the script is interrupted in the block, such as by a click while Keras is loading: the next script
    run does it again.
    """
    try:
        yield
    except Exception:
        _forget(done)
        raise
    _forget(done)


def _forget(done: Press) -> None:
    _session.presses = tuple(each for each in _session.presses if each != done)
