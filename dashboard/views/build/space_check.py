"""What the check of a search space found: its size, what cannot be trained, memory, and how long the sweep takes."""

from collections import Counter

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import may
from dashboard.components.errors import show_error
from dashboard.components.markdown import plain
from dashboard.loaders import search_space
from trainer.config.search import SweepFile
from trainer.errors import FitboardError
from trainer.format import cut, percent, readable_bytes
from trainer.sweeps.preview import Preview, duration_words

__all__ = ["space_check"]

_EVERY = 1.0
_MOST_REASONS = 3
_LONGEST_REASON = 240


def space_check(sweep: SweepFile) -> None:
    """Draw it; while Keras is loading nothing, since the page says so elsewhere."""
    found = search_space.space_preview(sweep)
    if found is None:
        st.caption("The space is checked when Keras is ready.")
        return
    if isinstance(found, str):
        st.markdown(f":red[:material/error: {plain(found)}]")
        return
    _reasons(found)
    seconds = search_space.trial_seconds(found)
    if seconds is None and not may(Role.RUN):
        # It trains, if only a few steps.
        st.caption("How long it takes has not been measured.")
    elif seconds is None and not search_space.was_measured(found):
        st.fragment(_measure, run_every=_EVERY)(sweep, found)
    else:
        st.caption(plain(duration_words(sweep.settings, seconds or []) or "How long it takes could not be measured."))


def _reasons(found: Preview) -> None:
    if found.refusals:
        share = percent(len(found.refusals) / found.checked, 0)
        st.markdown(f":orange[:material/warning:] {share} of {found.checked} checked configs cannot be trained:")
        for reason, count in Counter(found.refusals).most_common(_MOST_REASONS):
            st.caption(f"{count} × {plain(cut(reason, _LONGEST_REASON))}")
    else:
        st.markdown(f":green[:material/check_circle:] {found.checked} configs checked: all can be trained.")
    st.caption(f"The largest takes {readable_bytes(found.memory)}.")


def _measure(sweep: SweepFile, found: Preview) -> None:
    """Measure how long the sweep takes, and redraw the page once that is known; edits begin a new second before it."""
    if search_space.trial_seconds(found) is not None or search_space.was_measured(found):
        st.rerun()
    try:
        search_space.measure(found, jobs=sweep.settings.jobs)
    except FitboardError as error:
        show_error(error)
        return
    st.caption("Measuring a few training steps to estimate how long it takes…")
