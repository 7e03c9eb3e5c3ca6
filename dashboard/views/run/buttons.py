"""The buttons of a run: stop, resume, rerun, change, download, annotate, and open in MLflow."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from dashboard.components.markdown import plain, sentence
from dashboard.views.run.downloads import draw_downloads
from trainer.execution import NO_LIMITS, foreign_reason, used_up
from trainer.tracking import Run, Status, Tag

__all__ = ["Press", "run_buttons"]

Press = Literal["stop", "kill", "resume", "take_over", "rerun", "change", "tune", "note", "restore"]

_TUNE = "Open Build with this run's config and its final weights as the start."
_TAKE_OVER = "Train it here; its process no longer exists or its host is silent."


def run_buttons(
    run: Run, *, goes_on: Literal["resume", "take_over"] | None, mlflow: str | None, ui: str | None
) -> Press | None:
    """Draw the buttons that apply to the run and return which one was pressed.

    Args:
        run: the run of the page.
        goes_on: whether the run can resume from a checkpoint, or be taken over because its process no longer exists.
        mlflow: the URL of the run in MLflow's UI, if that responds.
        ui: the URL of MLflow's UI, if it is known.
    """
    pressed: list[Press] = []
    foreign = foreign_reason(run)

    def button(press: Press, label: str, icon: str, words: str, *, off: bool = False, main: bool = False) -> None:
        kind: Literal["primary", "secondary"] = "primary" if main and not foreign else "secondary"
        told = sentence(foreign) if foreign else words
        if st.button(label, icon=icon, help=told, disabled=off or bool(foreign), key=f"run.{press}", type=kind):
            pressed.append(press)

    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="run-buttons"
    ):
        if run.deleted:
            button("restore", "Restore", ":material/restore_from_trash:", "Undo the deletion of this run.", main=True)
        if not run.status.ended and not run.deleted:
            asked = Tag.STOP in run.tags and run.by_fitboard
            label, words = "Stopping…" if asked else "Stop", "Finish the current step, evaluate, save and end."
            button("stop", label, ":material/stop:", words, off=asked, main=not asked)
            # Kill is only offered after Stop, since it skips evaluation and saving.
            if asked:
                button("kill", "Kill", ":material/dangerous:", "Kill the process without evaluating or saving.")
        if goes_on == "resume" and not run.deleted:
            over = used_up(run) != NO_LIMITS
            words = f"Continue training from the checkpoint{', without the limit that ended it' if over else ''}."
            button("resume", "Resume", ":material/resume:", words, main=True)
        if goes_on == "take_over" and not run.deleted:
            button("take_over", "Take over", ":material/move_up:", _TAKE_OVER, main=True)
        if run.by_fitboard:
            _draw_next_runs(run, button)
            draw_downloads(run)
        pressed += _note_button(run)
        _mlflow_link(mlflow, ui)
    return pressed[0] if pressed else None


def _draw_next_runs(run: Run, button: Callable[[Press, str, str, str], None]) -> None:
    """Draw the buttons that begin another run from this one."""
    button("rerun", "Rerun exactly", ":material/replay:", "Queue the same config with the same seed again.")
    button("change", "Change and rerun", ":material/tune:", "Open Build with this run's config.")
    if run.status is Status.FINISHED:
        button("tune", "Fine-tune", ":material/model_training:", _TUNE)


def _note_button(run: Run) -> list[Press]:
    """Draw the button that opens the note, which runs of other programs can have too; return it if it was pressed."""
    if run.deleted:
        return []
    words = "Write a note in Markdown, which MLflow's UI shows as the run's description."
    return ["note"] if st.button("Note", icon=":material/notes:", help=words, key="run.edit_note") else []


def _mlflow_link(address: str | None, ui: str | None) -> None:
    if address is not None:
        st.link_button("Open in MLflow", address, icon=":material/open_in_new:", help="This run in MLflow's UI.")
        return
    where = f"MLflow's UI does not respond at {plain(ui)}" if ui else "MLflow's UI is not running"
    words = f"{where}. Start it with `fitboard up`, or run `mlflow server` on the same store."
    st.button("Open in MLflow", icon=":material/open_in_new:", disabled=True, help=words, key="run.mlflow")
