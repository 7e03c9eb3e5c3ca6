"""Buttons that move a queued run in its queue."""

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.presses import press
from trainer.execution import Expected, Move
from trainer.tracking import Run

__all__ = ["queue_place"]

_BUTTONS = (
    (Move.FIRST, "To the front", ":material/vertical_align_top:", "Start before all other queued runs."),
    (Move.UP, "Earlier", ":material/arrow_upward:", "Swap with the run before this one."),
    (Move.DOWN, "Later", ":material/arrow_downward:", "Swap with the run after this one."),
)


def queue_place(run: Run, expected: Expected, *, waiting: int) -> None:
    """Draw the buttons; `dashboard.presses` keeps which one was pressed, as the value of `Move`.

    Args:
        run: the queued run.
        expected: its place.
        waiting: the number of queued runs, including this one.
    """
    against = reason_against(Role.RUN)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for where, label, icon, words in _BUTTONS:
            at_end = expected.ahead == waiting - 1 if where is Move.DOWN else expected.ahead == 0
            st.button(
                label, icon=icon, help=against or words, disabled=at_end or bool(against), key=f"run.queue.{where}",
                type="tertiary", on_click=press, args=(run.run_id, str(where)),
            )  # fmt: skip
