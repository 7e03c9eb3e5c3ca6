"""What the pages of sweeps keep in the session and in the address."""

from collections.abc import Sequence

import streamlit as st

from dashboard.kept_values import QueryValue, SessionValue
from dashboard.keys import SweepKey

__all__ = ["LATEST", "press", "sweep", "table_page", "tick", "ticked"]

LATEST = "latest"
"""The value of `id` in the address that stands for the newest sweep."""
_DIGITS = 6


class _Sweep:
    """State of the Sweep page besides its widgets."""

    id = QueryValue(SweepKey.ID, LATEST)
    """The sweep in the address: an id, the beginning of one, or `latest`."""
    selected = SessionValue[tuple[str, tuple[int, ...]]]("sweep.selected", ("", ()))
    """The sweep whose trials are selected, and their numbers in the order of selection."""
    order = QueryValue(SweepKey.SORT)
    """The column that trials are sorted by, after a `-` if in descending order; empty for the best first."""
    narrowing = SessionValue[str]("sweep.narrowing", "")
    """The sweep whose space is being narrowed in a dialog; empty if none is."""
    pressed = SessionValue[tuple[str, str, tuple[int, ...]]]("sweep.pressed", ("", "", ()))
    """The sweep and the button that was pressed on its page, with its numbers, until that is done.

    Kept by callbacks, since a click that arrives while the page is drawn may interrupt the script before its button.
    """
    done = SessionValue[str]("sweep.done", "")
    """What an action came to, until it has been shown."""


sweep = _Sweep()


def press(sweep_id: str, button: str, numbers: Sequence[int] = ()) -> None:
    """Keep that a button was pressed; the next script run of the whole page does what it says."""
    sweep.pressed = (sweep_id, button, tuple(numbers))


def ticked(sweep_id: str) -> tuple[int, ...]:
    """Return the numbers of the selected trials of a sweep."""
    of, numbers = sweep.selected
    return numbers if of == sweep_id else ()


def tick(sweep_id: str, numbers: Sequence[int], *, shown: Sequence[int]) -> None:
    """Update the selection of the visible trials; trials on other pages of the table stay selected."""
    kept = [number for number in ticked(sweep_id) if number not in shown or number in numbers]
    sweep.selected = (sweep_id, (*kept, *(number for number in numbers if number not in kept)))


def table_page() -> int:
    """Return the page of the table of trials, from 1; before its widget is first drawn, from the address."""
    wanted = str(st.session_state.get(SweepKey.PAGE) or st.query_params.get(SweepKey.PAGE, ""))
    return max(1, int(wanted[:_DIGITS])) if wanted.isdecimal() else 1
