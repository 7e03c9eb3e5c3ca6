"""A queued run's place in the queue, and the buttons that change it."""

import streamlit as st

from trainer.execution import Expected, Move

__all__ = ["queue_place"]

_BUTTONS = (
    (Move.FIRST, "To the front", ":material/vertical_align_top:", "It starts before all others that wait."),
    (Move.UP, "Earlier", ":material/arrow_upward:", "It changes places with the run before it."),
    (Move.DOWN, "Later", ":material/arrow_downward:", "It changes places with the run behind it."),
)


def queue_place(expected: Expected, *, waiting: int) -> Move | None:
    """Draws the buttons; which one was pressed. `waiting` is how many runs wait in the queue, this one among them."""
    pressed = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for where, label, icon, words in _BUTTONS:
            at_end = expected.ahead == waiting - 1 if where is Move.DOWN else expected.ahead == 0
            if st.button(label, icon=icon, help=words, disabled=at_end, key=f"run.queue.{where}", type="tertiary"):
                pressed = where
    return pressed
