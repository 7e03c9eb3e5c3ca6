"""The buttons of a run: stop, resume, rerun, change, download, annotate, and open in MLflow."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from dashboard import presses
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.markdown import plain, sentence
from dashboard.views.run.downloads import draw_downloads
from trainer.execution import NO_LIMITS, foreign_reason, used_up
from trainer.tracking import Run, Status, Tag

__all__ = ["run_buttons"]

_Press = Literal["stop", "kill", "resume", "take_over", "rerun", "change", "tune", "note", "restore"]

# What the others need is the role to run.
_ROLES: Mapping[_Press, Role] = {"restore": Role.ADMINISTER, "change": Role.LOOK, "tune": Role.LOOK}

_TUNE = "Open Build with this run's config and its final weights as the start."
_TAKE_OVER = "Train it here; its process no longer exists or its host is silent."


def run_buttons(
    run: Run,
    *,
    goes_on: Literal["resume", "take_over"] | None,
    mlflow: str | None,
    ui: str | None,
    ui_is_far: bool = False,
) -> None:
    """Draw the buttons that apply to the run; `dashboard.presses` keeps which one was pressed.

    Args:
        run: the run of the page.
        goes_on: whether the run can resume from a checkpoint, or be taken over because its process no longer exists.
        mlflow: the URL of the run in MLflow's UI, if that responds.
        ui: the URL of MLflow's UI, if it is known.
        ui_is_far: whether the browser cannot reach it, since it is on another machine.
    """
    foreign = foreign_reason(run)

    def button(press: _Press, label: str, icon: str, words: str, *, off: bool = False, main: bool = False) -> None:
        kind: Literal["primary", "secondary"] = "primary" if main and not foreign else "secondary"
        against = foreign or reason_against(_ROLES.get(press, Role.RUN))
        told = sentence(against) if against else words
        st.button(
            label, icon=icon, help=told, disabled=off or bool(against), key=f"run.{press}", type=kind,
            on_click=presses.press, args=(run.run_id, press),
        )  # fmt: skip

    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="run-buttons"
    ):
        if run.deleted:
            button("restore", "Restore", ":material/restore_from_trash:", "Undo the deletion of this run.", main=True)
        if not run.status.ended and not run.deleted:
            _draw_ends(run, button)
        if goes_on == "resume" and not run.deleted:
            _draw_resume(run, button)
        if goes_on == "take_over" and not run.deleted:
            button("take_over", "Take over", ":material/move_up:", _TAKE_OVER, main=True)
        if run.by_fitboard:
            _draw_next_runs(run, button)
            draw_downloads(run)
        _note_button(run)
        _mlflow_link(mlflow, ui, is_far=ui_is_far)


def _draw_ends(run: Run, button: Callable[..., None]) -> None:
    """Draw the buttons that end a live run."""
    asked = Tag.STOP in run.tags and run.by_fitboard
    label, words = "Stopping…" if asked else "Stop", "Finish the current step, evaluate, save and end."
    button("stop", label, ":material/stop:", words, off=asked, main=not asked)
    # Kill is only offered after Stop, since it skips evaluation and saving.
    if asked:
        button("kill", "Kill", ":material/dangerous:", "Kill the process without evaluating or saving.")


def _draw_resume(run: Run, button: Callable[..., None]) -> None:
    over = ", without the limit that ended it" if used_up(run) != NO_LIMITS else ""
    button("resume", "Resume", ":material/resume:", f"Continue training from the checkpoint{over}.", main=True)


def _draw_next_runs(run: Run, button: Callable[[_Press, str, str, str], None]) -> None:
    """Draw the buttons that begin another run from this one."""
    button("rerun", "Rerun exactly", ":material/replay:", "Queue the same config with the same seed again.")
    button("change", "Change and rerun", ":material/tune:", "Open Build with this run's config.")
    if run.status is Status.FINISHED:
        button("tune", "Fine-tune", ":material/model_training:", _TUNE)


def _note_button(run: Run) -> None:
    """Draw the button that opens the note, which runs of other programs can have too."""
    if run.deleted:
        return
    against = reason_against(Role.RUN)
    words = against or "Write a note in Markdown, which MLflow's UI shows as the run's description."
    st.button(
        "Note", icon=":material/notes:", help=words, disabled=bool(against), key="run.edit_note",
        on_click=presses.press, args=(run.run_id, "note"),
    )  # fmt: skip


def _mlflow_link(address: str | None, ui: str | None, *, is_far: bool) -> None:
    if address is not None:
        st.link_button("Open in MLflow", address, icon=":material/open_in_new:", help="This run in MLflow's UI.")
        return
    where = f"MLflow's UI does not respond at {plain(ui)}" if ui else "MLflow's UI is not running"
    if is_far:
        words = f"MLflow's UI is at {plain(ui or '')}, which only the machine that runs Fitboard can reach."
    else:
        words = f"{where}. Start it with `fitboard up`, or run `mlflow server` on the same store."
    st.button("Open in MLflow", icon=":material/open_in_new:", disabled=True, help=words, key="run.mlflow")
