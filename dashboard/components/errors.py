"""Errors on a page: one sentence each, while the rest of the page stays."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.markdown import sentence
from trainer.errors import FitboardError, StoreUnreachableError

__all__ = ["errors_shown", "show_error"]


def show_error(error: FitboardError) -> None:
    """Draw an error as one sentence; a store that does not respond is only a warning."""
    if isinstance(error, StoreUnreachableError):
        st.warning(sentence(error), icon=":material/cloud_off:")
    else:
        st.error(sentence(error), icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Draw the error that ends the block, and continue with the rest of the page."""
    try:
        yield
    except FitboardError as error:
        show_error(error)
