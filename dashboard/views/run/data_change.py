"""Tells on a run's page that the file of its dataset has changed since the run read it."""

from contextlib import suppress

import streamlit as st

from dashboard import loaders
from dashboard.components.markdown import plain
from dashboard.data_state import PATH
from dashboard.loaders import own_data
from dashboard.navigation import DATA, link
from trainer.errors import FitboardError
from trainer.tracking import Run

__all__ = ["draw_data_change"]


def draw_data_change(run: Run) -> None:
    """Draw what changed, and a link to the file; nothing if it is the same, or if the run has not read it yet."""
    with suppress(FitboardError):
        config = loaders.config(run)
        path = getattr(config.dataset, "path", None) if config else None
        if config is None or path is None:
            return
        logged = loaders.logged_datasets((run,)).get(run.run_id, ())
        if not logged:
            return
        told = own_data.changed_since(config.dataset, logged[0].digest, run.started_at or 0)
        if told:
            rerun = "a rerun reads it again." if own_data.is_kept(config, run) else "a rerun would not give them again."
            words = f"The results are for another version of {path}, and {rerun}"
            st.warning(plain(" ".join([*told, words])), icon=":material/difference:")
            link(DATA, label="Open the file in Data", icon=DATA.icon, query_params={PATH: path})
