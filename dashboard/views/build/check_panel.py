"""The result of checking the draft: size, memory and problems, each with a one-click fix."""

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation, place_name, smoothing_edits
from dashboard.views.build.source_tabs import has_rejected_text
from trainer.config.check import CheckReport, Edit, Problem, Severity
from trainer.format import count, readable_bytes

__all__ = ["check_panel"]

_SMOOTHING = "loss.label_smoothing"


def check_panel(draft: Draft, validation: Validation, report: CheckReport | None) -> None:
    """Draw the report; without one, only the errors that the schema finds."""
    # If a layer cannot be built, the sizes would be those of the layers before it.
    if report is not None and len(report.layers) == len(draft.ids["layers"]):
        _size(report)
    for where, what in validation.validation_messages:
        name = place_name(where, draft.fields) if where else "Config"
        st.markdown(f":red[:material/error:] **{plain(name)}**: {plain(what)}")
        edits = smoothing_edits(draft.fields) if where == _SMOOTHING else ()
        if edits:
            _fix_button("Use CategoricalCrossentropy, the same loss with one-hot labels.", "smoothing", edits)
    problems = report.problems if report else ()
    for place, problem in enumerate(problems):
        _problem(place, problem, draft)
    if report is not None and not problems and not has_rejected_text() and not draft.search.on:
        with st.container(key="check-ready"):
            st.markdown(":green[:material/check_circle: **Ready to train**]")


def _size(report: CheckReport) -> None:
    fixed = report.parameters - report.trainable_parameters
    st.metric(
        "parameters",
        count(report.parameters),
        help="Number of values in the network's weights: kernels, biases and moving averages. "
        "Each layer shows its own count after its output shape.",
    )
    words = [
        f"{readable_bytes(4 * report.parameters)} of weights",
        f"{readable_bytes(report.memory_bytes)} for training",
    ]
    if fixed:
        words.append(f"{count(fixed)} not trainable")
    with st.container(key="check-size"):
        st.caption(
            " · ".join(words),
            help="Estimated memory for training: weights, gradients, optimizer state, the activations of one batch, "
            "and the data.",
        )


def _problem(place: int, problem: Problem, draft: Draft) -> None:
    icon = ":red[:material/error:]" if problem.severity is Severity.ERROR else ":orange[:material/warning:]"
    where = f"**{plain(place_name(problem.where, draft.fields))}**: " if problem.where else ""
    st.markdown(f"{icon} {where}{plain(problem.message)}")
    if problem.fix and problem.edits:
        _fix_button(problem.fix, str(place), problem.edits)
    elif problem.fix:
        st.caption(plain(problem.fix))


def _fix_button(words: str, name: str, edits: tuple[Edit, ...]) -> None:
    st.button(plain(words), key=f"fix-{name}", icon=":material/build:", width="stretch", on_click=_fix, args=(edits,))


def _fix(edits: tuple[Edit, ...]) -> None:
    state.edit(state.drafts().now.edited(edits))
