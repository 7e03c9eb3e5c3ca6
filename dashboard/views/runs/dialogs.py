"""The dialogs for the selected runs: tags, name, note, color, experiment, export and permanent deletion."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import actions, loaders, state
from dashboard.charts.colors import PALETTE, colors_of
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import sentence
from dashboard.views.runs.experiment_note import edit_experiment_note
from dashboard.views.runs.export import draw_export
from dashboard.views.runs.names import names_of
from dashboard.views.runs.outcome import tell
from trainer.format import counted
from trainer.tracking import Run
from trainer.tracking.note import LONGEST_WRITTEN, NOTE_TAG, written_part
from trainer.tracking.write.annotations import OWN_TAGS

__all__ = ["DIALOGS", "draw_dialog", "open_dialog"]

_NOTE_HEIGHT = 260
_OTHER, _AUTOMATIC = "Other", "Automatic"


class _Dialog(NamedTuple):
    """A dialog: its title, with the number of selected runs as `{}`, and what draws its content for them."""

    title: str
    draw: Callable[[Sequence[Run]], None]
    takes_none: bool = False
    """Whether it also makes sense if no run is selected."""


def open_dialog(name: str) -> None:
    """Open a dialog of `DIALOGS` and redraw the page."""
    state.runs.dialog = name
    st.rerun()


def draw_dialog() -> None:
    """Draw the open dialog. Call it outside the part of the page that is redrawn by itself, which would close it."""
    dialog = DIALOGS.get(state.runs.dialog)
    if dialog is None:
        return
    title = dialog.title.format(counted(len(state.runs.selected), "run"))
    st.dialog(title, on_dismiss=_close)(_draw)(dialog)


def _draw(dialog: _Dialog) -> None:
    with errors_shown():
        # Read at each click, since a run may have been deleted while the dialog was open.
        selected = loaders.runs_by_id(state.runs.selected)
        missing = len(state.runs.selected) - len(selected)
        if missing:
            verb = "is" if missing == 1 else "are"
            st.warning(f"{counted(missing, 'run')} {verb} no longer in the store.", icon=":material/search_off:")
        if selected:
            st.caption(names_of(selected))
        if selected or dialog.takes_none:
            dialog.draw(selected)


def _close() -> None:
    state.runs.dialog = ""


def _finish(outcome: actions.Outcome, done: str) -> None:
    """Close the dialog and tell the outcome; if nothing was done, show why and keep what was typed."""
    if outcome.problems and not outcome.done:
        for problem in outcome.problems:
            st.error(sentence(problem), icon=":material/error:")
        return
    tell(outcome, done)
    _close()
    st.rerun()


def _tags(runs: Sequence[Run]) -> None:
    present = sorted({name for run in runs for name in run.tags if not name.startswith(OWN_TAGS)})
    none = "This run has no tags." if len(runs) == 1 else "These runs have no tags."
    with st.form("runs.tags", border=False):
        name = st.text_input("Tag", placeholder="team", key="runs.tag_name")
        value = st.text_input("Value", placeholder="vision", key="runs.tag_value")
        removed = st.multiselect(
            "Remove tags", present, key="runs.tags_removed", disabled=not present,
            placeholder="Choose tags to remove" if present else none,
        )  # fmt: skip
        applied = st.form_submit_button("Apply", type="primary", key="runs.tags_applied")
    if not applied:
        return
    if not (name.strip() or value or removed):
        st.error("There is nothing to change; type a tag or choose tags to remove.", icon=":material/error:")
        return
    _finish(
        actions.tag(runs, name=name, value=value, removed=removed),
        "Tagged {}" if name.strip() else "Removed tags from {}",
    )


def _rename(runs: Sequence[Run]) -> None:
    names = {run.name for run in runs}
    with st.form("runs.rename", border=False):
        name = st.text_input("Name", value=names.pop() if len(names) == 1 else "", key="runs.name")
        if len(runs) > 1:
            st.caption("All of these runs get this name. `{n}` in it becomes 1, 2, … in the order of selection.")
        if st.form_submit_button("Rename", type="primary", key="runs.renamed"):
            _finish(actions.rename(runs, name), "Renamed {}")


def _note(runs: Sequence[Run]) -> None:
    run = runs[0] if len(runs) == 1 else None
    with st.form("runs.note", border=False):
        text = st.text_area(
            "Note" if run else "Add to each note",
            value=written_part(run.tags.get(NOTE_TAG)) if run else "",
            height=_NOTE_HEIGHT,
            key="runs.note_text",
            help=f"Markdown, at most {LONGEST_WRITTEN:,} characters. MLflow's UI shows it as the run's description.",
        )
        if st.form_submit_button("Save", type="primary", key="runs.note_saved"):
            _finish(actions.write_note(run, text) if run else actions.extend_notes(runs, text), "Annotated {}")


def _color(runs: Sequence[Run]) -> None:
    colors = set(colors_of(runs).values())
    now = colors.pop() if len(colors) == 1 else None
    kind = st.pills(
        "Color", [*PALETTE, _OTHER, _AUTOMATIC], default=now if now in PALETTE else None, format_func=_swatch,
        key="runs.color", label_visibility="collapsed",
    )  # fmt: skip
    value = st.color_picker("Other color", value=now or PALETTE[0], key="runs.other_color") if kind == _OTHER else kind
    st.caption("Shown on every page. The automatic color follows from the run's id.")
    if st.button("Apply", type="primary", disabled=kind is None, key="runs.colored"):
        _finish(actions.color(runs, None if kind == _AUTOMATIC else value), "Colored {}")


def _swatch(color: str) -> str:
    return f':color[●]{{foreground="{color}"}}' if color in PALETTE else color


def _move(runs: Sequence[Run]) -> None:
    name = st.selectbox(
        "Experiment", [each.name for each in loaders.experiments()], index=None, accept_new_options=True,
        placeholder="Choose one, or type the name of a new one", key="runs.target",
    )  # fmt: skip
    st.caption(
        "Ended runs only. Their files stay where they are; a rerun goes to the experiment that its original is in."
    )
    if st.button("Move", type="primary", disabled=not name, key="runs.moved") and name:
        _finish(actions.move_to_experiment(runs, name), "Moved {}")


def _experiment(_: Sequence[Run]) -> None:
    with st.form("runs.experiment", border=False):
        name = st.text_input("Name", key="runs.experiment_name")
        if st.form_submit_button("Create", type="primary", key="runs.experiment_made"):
            actions.new_experiment(name)
            tell(actions.Outcome((), ()), "Created the experiment")
            _close()
            st.rerun()


def _experiment_note(runs: Sequence[Run]) -> None:
    if edit_experiment_note(runs):
        tell(actions.Outcome((), ()), "Saved the note of the experiment")
        _close()
        st.rerun()


def _remove(runs: Sequence[Run]) -> None:
    with st.spinner("Reading the sizes of the files…"):
        frees = actions.footprint(runs)
    for refused in frees.refused:
        st.warning(sentence(refused), icon=":material/block:")
    if not frees.runs:
        return
    st.markdown(frees.sentence)
    for stays in frees.stays:
        st.info(sentence(stays), icon=":material/info:")
    if st.button("Delete permanently", type="primary", icon=":material/delete_forever:", key="runs.removed"):
        bar = st.progress(0.0)

        def tell_progress(done: int) -> None:
            bar.progress(done / len(runs), f"{done:,} of {counted(len(runs), 'run')} deleted")

        outcome = actions.remove(runs, tell=tell_progress)
        state.runs.selected = tuple(each for each in state.runs.selected if each not in outcome.done)
        state.runs.deleted = tuple(each for each in state.runs.deleted if each not in outcome.done)
        _finish(outcome, "Permanently deleted {}")


DIALOGS: Mapping[str, _Dialog] = {
    "tag": _Dialog("Tag {}", _tags),
    "rename": _Dialog("Rename {}", _rename),
    "note": _Dialog("Annotate {}", _note),
    "color": _Dialog("Color {}", _color),
    "move": _Dialog("Move {}", _move),
    "experiment": _Dialog("New experiment", _experiment, takes_none=True),
    "experiment_note": _Dialog("Note of an experiment", _experiment_note, takes_none=True),
    "remove": _Dialog("Delete {} permanently", _remove),
    "export": _Dialog("Export runs", draw_export, takes_none=True),
}
"""The dialogs by the name of the action that opens them."""
