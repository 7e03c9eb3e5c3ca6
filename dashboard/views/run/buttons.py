"""What can be done with one run: stop it, run it again, change it, take its config, look at it in MLflow."""

from typing import Literal

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.views.run.downloads import draw_downloads
from trainer.execution import NO_LIMITS, foreign_reason, used_up
from trainer.tracking import Run, Tag

__all__ = ["Press", "run_buttons"]

Press = Literal["stop", "kill", "resume", "take_over", "rerun", "change", "restore"]


def run_buttons(
    run: Run, *, goes_on: Literal["resume", "take_over"] | None, mlflow: str | None, ui: str | None
) -> Press | None:
    """Draws the buttons that make sense for the run; which one was pressed.

    Args:
        run: the run of the page.
        goes_on: whether it can go on from a checkpoint, or be taken over from a process that is gone.
        mlflow: the address of the run in MLflow's own pages, where they answer.
        ui: where MLflow's pages would be, where that is known.
    """
    pressed: list[Press] = []
    foreign = foreign_reason(run)

    def button(press: Press, label: str, icon: str, words: str, *, off: bool = False, main: bool = False) -> None:
        kind: Literal["primary", "secondary"] = "primary" if main and not foreign else "secondary"
        told = plain(foreign) if foreign else words
        if st.button(label, icon=icon, help=told, disabled=off or bool(foreign), key=f"run.{press}", type=kind):
            pressed.append(press)

    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="run-buttons"
    ):
        if run.deleted:
            button("restore", "Restore", ":material/restore_from_trash:", "Take it out of MLflow's bin.", main=True)
        if not run.status.ended and not run.deleted:
            asked = Tag.STOP in run.tags and run.by_fitboard
            words = "It finishes its step, evaluates, saves and ends."
            button("stop", "Stopping…" if asked else "Stop", ":material/stop:", words, off=asked, main=not asked)
            if asked:
                button("kill", "Kill", ":material/dangerous:", "End its process at once, where it does not react.")
        if goes_on == "resume" and not run.deleted:
            over = used_up(run) != NO_LIMITS
            words = f"Go on from its checkpoint, {'without the limit that ended it' if over else 'to the same result'}."
            button("resume", "Resume", ":material/resume:", words, main=True)
        if goes_on == "take_over" and not run.deleted:
            button("take_over", "Take over", ":material/move_up:", "Its process is gone: train it here.", main=True)
        if run.by_fitboard:
            button("rerun", "Rerun exactly", ":material/replay:", "Queue the same config with the same seed again.")
            button("change", "Change and rerun", ":material/tune:", "Open Build, filled in with this run's config.")
            draw_downloads(run)
        _mlflow_link(mlflow, ui)
    return pressed[0] if pressed else None


def _mlflow_link(address: str | None, ui: str | None) -> None:
    if address is not None:
        st.link_button("Open in MLflow", address, icon=":material/open_in_new:", help="This run in MLflow's own pages.")
        return
    where = f"MLflow's pages do not answer at {plain(ui)}" if ui else "MLflow's pages do not run"
    words = f"{where}. `fitboard up` starts them; or run `mlflow server` on the same store."
    st.button("Open in MLflow", icon=":material/open_in_new:", disabled=True, help=words, key="run.mlflow")
