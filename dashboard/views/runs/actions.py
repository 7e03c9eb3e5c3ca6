"""The buttons for the selected runs, and the notice after a deletion."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from dashboard import loaders
from dashboard.components.comparison import MOST_COMPARED, labels
from dashboard.components.markdown import plain, sentence
from trainer.execution import foreign_reason
from trainer.format import count
from trainer.tracking import Run, Status

__all__ = ["Action", "deleted_notice", "run_actions"]

Action = Literal["compare", "stop", "first", "rerun", "delete", "clear"]

# Actions that other programs' runs do not have.
_CHANGES = {"stop", "first", "rerun", "delete"}


def run_actions(selected: Sequence[Run]) -> Action | None:
    """Draw the buttons for the selected runs and return the action whose button was pressed."""
    own = [run for run in selected if run.by_fitboard]
    live = [run for run in own if not run.status.ended]
    foreign = foreign_reason(selected[0]) if selected and not own else None
    number = f" {count(len(selected))}" if selected else ""
    pressed: list[Action] = []

    def button(action: Action, label: str, icon: str, words: str, *, off: bool) -> None:
        kind: Literal["primary", "secondary"] = "primary" if action == "compare" and not off else "secondary"
        words = sentence(foreign) if foreign and action in _CHANGES else words
        if st.button(label, icon=icon, help=words, disabled=off, key=f"runs.{action}", type=kind):
            pressed.append(action)

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-actions"):
        comparable = 2 <= len(selected) <= MOST_COMPARED
        tip = f"Compare the curves, configs and results of 2 to {MOST_COMPARED} runs."
        button("compare", f"Compare{number}", ":material/compare_arrows:", tip, off=not comparable)
        button("stop", "Stop", ":material/stop:", "Finish the current step, evaluate, save and end.", off=not live)
        if any(run.status is Status.SCHEDULED for run in live):
            tip = "Start the queued runs before all others, in their current order."
            button("first", "To the front", ":material/vertical_align_top:", tip, off=False)
        button("rerun", "Rerun", ":material/replay:", "Queue the same configs again.", off=not own)
        button(
            "delete",
            "Delete",
            ":material/delete:",
            "MLflow keeps deleted runs; Undo restores them.",
            off=not own,
        )
        if selected:
            button("clear", "Clear", ":material/close:", "Clear the selection.", off=False)
            st.caption(_names(selected), width="stretch")
        else:
            st.caption("Select runs to compare, stop, rerun or delete them.", width="stretch")
    return pressed[0] if pressed else None


def deleted_notice(number: int) -> Literal["undo", "dismiss"] | None:
    """Draw the number of deleted runs with Undo and Dismiss; return the button that was pressed."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        words = "1 run was deleted." if number == 1 else f"{count(number)} runs were deleted."
        st.markdown(f":material/delete: {words}", width="stretch")
        undo = st.button("Undo", icon=":material/undo:", key="runs.undo")
        dismiss = st.button("Dismiss", key="runs.dismiss", type="tertiary")
    return "undo" if undo else "dismiss" if dismiss else None


def _names(runs: Sequence[Run]) -> str:
    named = labels(runs, loaders.config)
    first = ", ".join(plain(named[run.run_id]) for run in runs[:3])
    return first if len(runs) <= 3 else f"{first} and {count(len(runs) - 3)} more"
