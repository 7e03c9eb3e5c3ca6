"""What the check says of the draft: size, memory, problems, each with its mending one click away."""

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import Validation
from trainer.config.check import CheckReport, Edit, Problem, Severity
from trainer.format import count, readable_bytes

__all__ = ["check_panel"]


def check_panel(validation: Validation, report: CheckReport | None) -> None:
    """Draws what is known. Without a report only the schema has spoken."""
    if report is not None:
        _size(report)
    for where, what in validation.validation_messages:
        st.markdown(f":red[:material/error:] **{plain(where or 'config')}**: {plain(what)}")
    problems = report.problems if report else ()
    for place, problem in enumerate(problems):
        _problem(place, problem)
    if report is not None and not problems:
        st.markdown(":green[:material/check_circle: **Ready to train**]")


def _size(report: CheckReport) -> None:
    fixed = report.parameters - report.trainable_parameters
    st.metric(
        "parameters",
        count(report.parameters),
        help="The numbers that make up the network: kernels, biases, moving averages. Training adjusts them. "
        "Each layer shows its own behind the shape of its output.",
    )
    words = [f"{readable_bytes(4 * report.parameters)} of weights", f"{readable_bytes(report.memory_bytes)} to train"]
    if fixed:
        words.append(f"{count(fixed)} not trainable")
    st.caption(
        " · ".join(words),
        help="An estimate of the memory that training takes: weights, gradients, the optimizer’s state, one batch’s "
        "activations, and the data.",
    )


def _problem(place: int, problem: Problem) -> None:
    icon = ":red[:material/error:]" if problem.severity is Severity.ERROR else ":orange[:material/warning:]"
    where = f"**{plain(problem.where)}**: " if problem.where else ""
    st.markdown(f"{icon} {where}{plain(problem.message)}")
    if problem.fix and problem.edits:
        st.button(
            plain(problem.fix),
            key=f"fix-{place}",
            icon=":material/build:",
            width="stretch",
            on_click=_mend,
            args=(problem.edits,),
        )
    elif problem.fix:
        st.caption(plain(problem.fix))


def _mend(edits: tuple[Edit, ...]) -> None:
    state.edit(state.drafts().now.edited(edits))
