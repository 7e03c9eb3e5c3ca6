"""Build: choose data, stack layers, see at once what they make, train."""

import streamlit as st

from dashboard import state
from dashboard.draft import judge
from dashboard.loaders import checks
from dashboard.views.build.check_panel import check_panel
from dashboard.views.build.dataset_picker import dataset_picker
from dashboard.views.build.from_run import fill_from_run
from dashboard.views.build.keras_wait import wait_for_keras
from dashboard.views.build.layer_stack import layer_stack
from dashboard.views.build.saved_draft import draft_notice, keep_draft, restore_draft
from dashboard.views.build.start_from import start_from
from dashboard.views.build.train_button import same_run, train
from dashboard.views.build.training_card import naming, training_card

__all__ = ["render"]


def render() -> None:
    """Draws the page."""
    restore_draft()
    fill_from_run()
    keep_draft()
    draft_notice()
    draft = state.drafts().now
    validation = judge(draft.plain())
    known = checks.check_report(validation.valid_part) if validation.valid_part else None
    report = known if validation.config else None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        naming(draft, validation)
        start_from(validation.config)
    left, middle, right = st.columns([0.31, 0.45, 0.24], gap="medium")
    with left:
        dataset_picker(draft, validation)
        training_card(draft, validation)
    with middle:
        layer_stack(draft, validation, known.layers if known else ())
    with right, st.container(border=True, key="panel-check", gap="small"):
        # First, so that nothing that comes or goes moves it from under the pointer.
        train(draft, validation, report)
        if validation.config and report is None:
            wait_for_keras(validation.config)
        check_panel(validation, report)
        same_run(validation, report)
