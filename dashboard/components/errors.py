"""Errors as a person should meet them: one sentence, and the page around it stays."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.markdown import plain
from trainer.errors import FitboardError, StoreUnreachableError

__all__ = ["errors_shown", "show_error"]


def show_error(error: FitboardError) -> None:
    """One error as a sentence; a store that is only away for now as a warning."""
    if isinstance(error, StoreUnreachableError):
        st.warning(plain(error), icon=":material/cloud_off:")
    else:
        st.error(plain(error), icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show the error that ends its block, and let the page go on behind it."""
    try:
        yield
    except FitboardError as error:
        show_error(error)
