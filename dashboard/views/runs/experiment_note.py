"""The note of an experiment: above the table while that experiment alone is listed, and the form to edit it."""

from collections.abc import Sequence

import streamlit as st

from dashboard import actions, loaders, state
from dashboard.components.markdown import note_markdown, plain
from dashboard.state import RunsKey
from trainer.tracking import Experiment, Run
from trainer.tracking.write.annotations import LONGEST_EXPERIMENT_NOTE

__all__ = ["draw_experiment_note", "edit_experiment_note"]

_HEIGHT = 260
# Longer notes are folded at first, so that the table is not pushed below the window.
_SHORT = 400


def draw_experiment_note(known: Sequence[Experiment]) -> None:
    """Draw the note of the experiment that is listed, if only one is and it has a note."""
    chosen = _listed(known)
    if chosen is None or not chosen.note.strip():
        return
    label = f"Note of {plain(chosen.name)}"
    with st.expander(label, expanded=len(chosen.note) <= _SHORT, key=f"runs.note.{chosen.experiment_id}"):
        st.markdown(note_markdown(chosen.note))


def edit_experiment_note(runs: Sequence[Run]) -> bool:
    """Draw the choice of an experiment and the form for its note; return whether the note was saved.

    The experiment that is listed is chosen at first, or else that of the first selected run.

    Raises:
        ConfigError: the note is too long or cannot be stored.
    """
    known = loaders.experiments()
    if not known:
        st.caption("The store has no experiments yet. Train a run first.")
        return False
    listed = _listed(known)
    likely = listed.experiment_id if listed else next((run.experiment_id for run in runs), "")
    ids = [each.experiment_id for each in known]
    chosen = known[
        st.selectbox(
            "Experiment", range(len(known)), index=ids.index(likely) if likely in ids else 0,
            format_func=lambda place: known[place].name, key="runs.noted_experiment",
        )
    ]  # fmt: skip
    with st.form("runs.experiment_note", border=False):
        text = st.text_area(
            "Note", value=chosen.note, height=_HEIGHT, key=f"runs.experiment_note.{chosen.experiment_id}",
            help=f"Markdown, at most {LONGEST_EXPERIMENT_NOTE:,} characters. MLflow's UI shows it as the experiment's "
            "description.",
        )  # fmt: skip
        if not st.form_submit_button("Save", type="primary", key="runs.experiment_noted"):
            return False
    actions.write_experiment_note(chosen, text)
    return True


def _listed(known: Sequence[Experiment]) -> Experiment | None:
    names = state.asked(RunsKey.EXPERIMENT)
    return next((each for each in known if (each.name,) == names), None)
