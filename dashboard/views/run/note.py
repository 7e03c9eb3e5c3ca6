"""The note of a run: what people wrote in MLflow's description of it, and the dialog to change it."""

import streamlit as st

from dashboard import actions, loaders, state
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import note_markdown, sentence
from trainer.tracking import Run
from trainer.tracking.note import LONGEST_WRITTEN, NOTE_TAG, written_part

__all__ = ["draw_note", "note_dialog"]

_HEIGHT = 260


def draw_note(run: Run) -> None:
    """Draw the note, if there is one."""
    written = written_part(run.tags.get(NOTE_TAG))
    if written:
        with st.container(key="run-note"):
            st.markdown(note_markdown(written))


def note_dialog(run: Run) -> None:
    """Draw the dialog while the run's note is being edited."""
    if state.run.noting == run.run_id:
        st.dialog("Note", on_dismiss=_close)(_draw)(run.run_id)


def _close() -> None:
    state.run.noting = ""


def _draw(run_id: str) -> None:
    with errors_shown():
        run = loaders.find(run_id)
        with st.form("run.note", border=False):
            text = st.text_area(
                "Note",
                value=written_part(run.tags.get(NOTE_TAG)),
                height=_HEIGHT,
                key="run.note_text",
                label_visibility="collapsed",
            )
            st.caption(
                f"Markdown, at most {LONGEST_WRITTEN:,} characters. MLflow's UI shows it as the run's description."
            )
            if not st.form_submit_button("Save", type="primary", key="run.note_saved"):
                return
        problems = actions.write_note(run, text).problems
        for problem in problems:
            st.error(sentence(problem), icon=":material/error:")
        if not problems:
            _close()
            st.rerun()
