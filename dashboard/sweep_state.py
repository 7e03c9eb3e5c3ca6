"""What the pages of sweeps keep in the session and in the address."""

from collections.abc import Sequence

import streamlit as st

from dashboard.kept_values import QueryValue, SessionValue
from dashboard.keys import SweepKey
from dashboard.state import LATEST

__all__ = ["sweep", "table_page", "tick", "ticked"]

_DIGITS = 6


class _Sweep:
    """State of the Sweep page besides its widgets."""

    id = QueryValue(SweepKey.ID, LATEST)
    """The sweep in the address: an id, the beginning of one, or `latest`."""
    selected = SessionValue[tuple[str, tuple[int, ...]]]("sweep.selected", ("", ()))
    """The sweep whose trials are selected, and their numbers in the order of selection."""
    order = QueryValue(SweepKey.SORT)
    """The column that trials are sorted by, after a `-` if descending; empty for the order that fits the sweep."""
    narrowing = SessionValue[str]("sweep.narrowing", "")
    """The sweep whose space is being narrowed in a dialog; empty if none is."""
    done = SessionValue[str]("sweep.done", "")
    """What an action came to, until it has been shown."""


sweep = _Sweep()


def ticked(sweep_id: str) -> tuple[int, ...]:
    """Return the numbers of the selected trials of a sweep."""
    of, numbers = sweep.selected
    return numbers if of == sweep_id else ()


def tick(sweep_id: str, numbers: Sequence[int], *, shown: Sequence[int]) -> None:
    """Update the selection of the visible trials; trials on other pages of the table stay selected."""
    kept = [number for number in ticked(sweep_id) if number not in shown or number in numbers]
    sweep.selected = (sweep_id, (*kept, *(number for number in numbers if number not in kept)))


def table_page(first: int = 1) -> int:
    """Return the page of the table of trials, from 1; before its widget is drawn, that of the address, else `first`."""
    wanted = str(st.session_state.get(SweepKey.PAGE) or st.query_params.get(SweepKey.PAGE, ""))
    return max(1, int(wanted[:_DIGITS])) if wanted.isdecimal() else first
