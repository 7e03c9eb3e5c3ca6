"""A draft filled from a past run: `/build?from=RUN`."""

import streamlit as st

from dashboard import loaders, state
from dashboard.components.format import plain
from trainer.errors import FitboardError

__all__ = ["fill_from_run"]

_PLACE = "from_run"


def fill_from_run() -> None:
    """Fills the draft once for each address; a run that cannot be used leaves it as it is, and says why."""
    wanted = state.build.source_run
    if wanted != state.build.filled_from:
        state.build.filled_from = wanted
        state.set_notice(_PLACE, _fill(wanted) if wanted else None)
    complaint = state.notice(_PLACE)
    if complaint:
        st.warning(plain(complaint), icon=":material/history:")


def _fill(run_id: str) -> str | None:
    """Takes over the run's config; gives back why it could not."""
    try:
        found = loaders.runs_by_id([run_id])
        if not found:
            return f"There is no run {run_id}; the draft is as it was."
        config = loaders.config(found[0])
    except FitboardError as error:
        return str(error)
    if config is None:
        return f"The run {found[0].name or run_id} has no config that Fitboard can read; the draft is as it was."
    state.begin_with(config.short())
    return None
