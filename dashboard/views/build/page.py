"""The Build page: data and training on the left, layers in the middle, Train and the code on the right."""

from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import state
from dashboard.components.label_help import label_help
from dashboard.components.markdown import sentence
from dashboard.draft import Draft, Validation, judge, judge_sweep
from dashboard.loaders import checks, own_data
from dashboard.views.build.check_panel import check_panel
from dashboard.views.build.dataset_picker import dataset_picker
from dashboard.views.build.from_run import fill_from_run
from dashboard.views.build.keras_wait import wait_for_keras
from dashboard.views.build.layer_menu import layer_menu
from dashboard.views.build.layer_stack import layer_stack
from dashboard.views.build.network_way import network_way
from dashboard.views.build.saved_draft import draft_notice, keep_draft, restore_draft
from dashboard.views.build.source_tabs import source_tabs
from dashboard.views.build.space_check import space_check
from dashboard.views.build.start_from import start_from
from dashboard.views.build.start_sweep import start_button, start_if_pressed
from dashboard.views.build.sweep_card import sweep_card, sweep_switch
from dashboard.views.build.train_button import queue_if_pressed, same_run, train
from dashboard.views.build.training_card import naming, training_card
from trainer.config.check import CheckReport

__all__ = ["render"]

_STYLE = Path(__file__).with_name("style.css")


def render() -> None:
    """Draw the page."""
    st.html(_STYLE)
    label_help()
    restore_draft()
    fill_from_run()
    keep_draft()
    draft_notice()
    draft = state.drafts().now
    if not _is_refused(draft):
        _draw(draft)


def _draw(draft: Draft) -> None:
    validation = _judged(draft)
    queue_if_pressed(draft, validation)
    start_if_pressed(draft, validation)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="build-head"):
        st.title("Build", anchor=False, width="content")
        naming(draft, validation)
        buttons = st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="build-buttons"
        )
    # The column of Train is first in the document, so that the keyboard reaches Train before the fields. The style
    # sheet puts it on the right, and on narrow screens at the bottom.
    right, left, middle = st.columns([0.31, 0.29, 0.4], gap="medium")
    with left:
        dataset_picker(draft, validation)
        training_card(draft, validation)
    known = checks.check_report(validation.valid_part) if validation.valid_part else None
    validation = replace(validation, report=known)
    with buttons:
        sweep_switch(draft)
        start_from()
    with right:
        notes = _train_panel(draft, validation, known)
    with middle:
        network_way(draft, known)
        layer_stack(draft, validation)
        layer_menu()
    with right:
        if draft.search.on:
            sweep_card(draft, validation)
        source_tabs(draft, validation)
    # Last, since the one queries the store, and the other asks for several checks.
    with notes:
        if not draft.search.on:
            same_run(validation, known if validation.config else None)
        elif validation.sweep is not None and validation.sweep.sweep is not None:
            space_check(validation.sweep.sweep)


def _judged(draft: Draft) -> Validation:
    found = judge(draft.plain())
    return replace(found, sweep=judge_sweep(draft, found.config))


def _is_refused(draft: Draft) -> bool:
    """Draw why this person may not open a file that the draft names, if that is so."""
    refused = next(filter(None, map(own_data.refusal, draft.disk_paths())), None)
    if refused is not None:
        st.title("Build", anchor=False)
        start_from()
        st.error(sentence(refused), icon=":material/lock:")
    return refused is not None


def _train_panel(draft: Draft, validation: Validation, known: CheckReport | None) -> DeltaGenerator:
    """Draw Train and the check; return a container for notes that take longer."""
    report = known if validation.config else None
    with st.container(border=True, key="panel-check", gap="small"):
        # Train stands above everything that appears and disappears, which would move it from under the pointer.
        if draft.search.on:
            start_button(draft, validation)
        else:
            train(validation, report)
        if validation.config and report is None:
            wait_for_keras(validation.config)
        check_panel(draft, validation, report)
        return st.container(key="train-notes", gap="xsmall")
