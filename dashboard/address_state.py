"""The saved view in the address of a page, what a view keeps of an address, and the columns of the table of runs."""

import streamlit as st

from dashboard.kept_values import QueryValue, QueryValues, SessionValue
from dashboard.keys import ActionsKey
from dashboard.state import RunsKey

__all__ = ["VIEW", "actions", "query", "table", "views"]

VIEW = "view"
"""The query parameter that holds the id of the saved view that is open."""


class _Views:
    """State of the menu of saved views."""

    opened = QueryValue(VIEW)
    """The id of the view that is open."""
    changing = SessionValue[tuple[str, str]]("views.changing", ("", ""))
    """The id of the view that is being renamed or deleted, and which of both."""


class _Table:
    """How the columns of the table of runs were arranged by hand."""

    order = QueryValues("order")
    """The columns in the order that a person gave them; empty for the default order."""
    widths = QueryValues("width")
    """Widths of columns in pixels: `metrics.val_loss:120`."""


class _Actions:
    """What the Actions page lists."""

    person = QueryValue(ActionsKey.PERSON)
    """Part of the name of who did it."""
    about = QueryValue(ActionsKey.ABOUT)
    """Part of what was done, or of what it was done to."""
    page = QueryValue(ActionsKey.PAGE)
    """The number of the page, from 1 on; empty for the newest actions."""


actions = _Actions()
views = _Views()
table = _Table()


def query() -> tuple[tuple[str, str], ...]:
    """Return the parameters of the address that a saved view keeps: all but the view itself and the page of a list."""
    params = st.query_params
    return tuple((name, value) for name in params if name not in {VIEW, RunsKey.PAGE} for value in params.get_all(name))
