"""Build: choose data, stack layers, see at once what they make, train."""

import streamlit as st

from dashboard import inspection, state
from dashboard.components.check_panel import check_panel
from dashboard.components.dataset_picker import dataset_picker
from dashboard.components.from_run import fill_from_run
from dashboard.components.keras_wait import wait_for_keras
from dashboard.components.layer_stack import layer_stack
from dashboard.components.start_from import start_from
from dashboard.components.train import same_run, train
from dashboard.components.training import naming, training_card
from dashboard.draft import judge

__all__ = ["render"]


def render() -> None:
    """Draws the page."""
    fill_from_run()
    draft = state.drafts().now
    verdict = judge(draft.plain())
    report = inspection.check_report(verdict.config) if verdict.config else None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        naming(draft, verdict)
        start_from(verdict.config)
    left, middle, right = st.columns([0.31, 0.45, 0.24], gap="medium")
    with left:
        dataset_picker(draft, verdict)
        training_card(draft, verdict)
    with middle:
        layer_stack(draft, verdict, report.layers if report else ())
    with right, st.container(border=True, key="panel-check", gap="small"):
        # First, so that nothing that comes or goes moves it from under the pointer.
        train(draft, verdict, report)
        if verdict.config and report is None:
            wait_for_keras(verdict.config)
        check_panel(verdict, report)
        same_run(verdict, report)
