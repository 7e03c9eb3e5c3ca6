"""Filling the draft from a run: `/build?from=RUN`, with its weights as the start if `weights=run` is added.

The run of a sweep fills it with the sweep.
"""

import streamlit as st

from dashboard import loaders, state
from dashboard.components.markdown import plain
from dashboard.loaders import search_space
from trainer.errors import FitboardError, RunNotFoundError

__all__ = ["fill_from_run"]

_PLACE = "from_run"


def fill_from_run() -> None:
    """Fill the draft once per address. If the run cannot be used, the draft stays and a warning says why."""
    wanted = state.build.source_run
    # The address keeps `from` while the draft is edited; filling it again would undo the edits.
    if wanted != state.build.filled_from:
        state.build.filled_from = wanted
        state.set_notice(_PLACE, _fill(wanted) if wanted else None)
    complaint = state.notice(_PLACE)
    if complaint:
        st.warning(plain(complaint), icon=":material/history:")


def _fill(word: str) -> str | None:
    """Replace the draft by the config of the run that `word` identifies; return the error message if that fails."""
    try:
        run = loaders.find(word)
        config = loaders.config(run)
        if config is None and (sweep := search_space.sweep_of(run)) is not None:
            state.edit(state.drafts().now.of_sweep(sweep))
            return None
    except RunNotFoundError as error:
        return f"{error} The draft is unchanged."
    except FitboardError as error:
        return str(error)
    if config is None:
        return f"Run {run.short_title} has no config that Fitboard can read. The draft is unchanged."
    fields = state.unnamed(config)
    if state.build.source_weights == "run":
        fields["weights"] = {"source": "run", "run": run.run_id}
    state.begin_with(fields)
    return None
