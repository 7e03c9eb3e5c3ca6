"""Buttons that move a queued run in its queue."""

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from trainer.execution import Expected, Move

__all__ = ["queue_place"]

_BUTTONS = (
    (Move.FIRST, "To the front", ":material/vertical_align_top:", "Start before all other queued runs."),
    (Move.UP, "Earlier", ":material/arrow_upward:", "Swap with the run before this one."),
    (Move.DOWN, "Later", ":material/arrow_downward:", "Swap with the run after this one."),
)


def queue_place(expected: Expected, *, waiting: int) -> Move | None:
    """Draw the buttons and return which one was pressed. `waiting` is the number of queued runs, including this one."""
    pressed, against = None, reason_against(Role.RUN)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for where, label, icon, words in _BUTTONS:
            at_end = expected.ahead == waiting - 1 if where is Move.DOWN else expected.ahead == 0
            off = at_end or bool(against)
            told = against or words
            if st.button(label, icon=icon, help=told, disabled=off, key=f"run.queue.{where}", type="tertiary"):
                pressed = where
    return pressed
