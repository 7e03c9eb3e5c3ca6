"""Buttons that move a queued run in its queue."""

import streamlit as st

from trainer.execution import Expected, Move

__all__ = ["queue_place"]

_BUTTONS = (
    (Move.FIRST, "To the front", ":material/vertical_align_top:", "Start before all other queued runs."),
    (Move.UP, "Earlier", ":material/arrow_upward:", "Swap with the run before this one."),
    (Move.DOWN, "Later", ":material/arrow_downward:", "Swap with the run after this one."),
)


def queue_place(expected: Expected, *, waiting: int) -> Move | None:
    """Draw the buttons and return which one was pressed. `waiting` is the number of queued runs, including this one."""
    pressed = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for where, label, icon, words in _BUTTONS:
            at_end = expected.ahead == waiting - 1 if where is Move.DOWN else expected.ahead == 0
            if st.button(label, icon=icon, help=words, disabled=at_end, key=f"run.queue.{where}", type="tertiary"):
                pressed = where
    return pressed
