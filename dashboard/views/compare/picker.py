"""The picker of a run to add: a search box and the newest matches."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.components.markdown import plain
from trainer.config import main_metrics
from trainer.format import number, when
from trainer.tracking import Run

__all__ = ["run_picker"]

_SHOWN = 8
# Width in pixels.
_WIDTH = 560


def run_picker(chosen: Sequence[str], find: Callable[[str, int], Sequence[Run]], *, key: str) -> str | None:
    """Draw the search and its matches; return the id of the run that was just picked.

    Args:
        chosen: ids of runs that are not offered.
        find: returns the newest runs that match a text, at most the given number.
        key: prefix of the widgets' keys.
    """
    picked = None
    with st.container(gap="xsmall", width=_WIDTH, key=f"picker-{key}"):
        text = st.text_input(
            "Find a run", key=key, type="search", live="300ms", placeholder="Name, id, dataset, any param",
            label_visibility="collapsed",
        )  # fmt: skip
        # More than are shown, since the chosen runs may be among the matches.
        found = [run for run in find(text.strip(), _SHOWN + len(chosen)) if run.run_id not in chosen][:_SHOWN]
        if not found:
            st.caption(_nothing(text.strip(), chosen))
        for run in found:
            if st.button(
                _words(run), key=f"{key}.{run.run_id}", icon=":material/add:", type="tertiary", width="content"
            ):
                picked = run.run_id
    return picked


def _nothing(text: str, chosen: Sequence[str]) -> str:
    if text:
        return "No other runs match." if chosen else "No runs match."
    return (
        "No other runs yet." if chosen else "No runs yet. Train a network on the Build page and its run appears here."
    )


def _words(run: Run) -> str:
    results = [f"{name} {number(run.kept_metrics[name])}" for name in main_metrics([run.metrics], 1)]
    return f"{plain(run.short_title)} :small[:gray[{plain(' · '.join([when(run.start_time, time.time()), *results]))}]]"
