"""A note while Keras loads, which takes about ten seconds once; the page works meanwhile."""

import streamlit as st

from dashboard.components.errors import show_error
from dashboard.loaders import checks
from trainer.config import Config
from trainer.errors import FitboardError

__all__ = ["wait_for_keras"]

_EVERY = 1.0


def wait_for_keras(config: Config) -> None:
    """Show that Keras is loading, check every second, and redraw the page once the report is ready."""
    st.fragment(_ask, run_every=_EVERY)(config)


def _ask(config: Config) -> None:
    if checks.check_report(config) is not None:
        st.rerun()
    try:
        checks.ensure_inspector()
    except FitboardError as error:
        show_error(error)
        return
    st.markdown(":gray[:material/hourglass_top: Keras is loading… (about 10 s)]")
    st.caption("Shapes, parameters and memory appear when it is ready. You can already edit and train.")
