"""The Actions page: who did what and when, newest first."""

import time
from pathlib import Path

import streamlit as st

from dashboard.access.rights import needs_sign_in
from dashboard.address_state import actions as asked
from dashboard.components.empty import empty
from dashboard.components.errors import errors_shown
from dashboard.keys import ActionsKey
from dashboard.loaders.deeds import actions
from dashboard.navigation import ACTIONS, RUNS, link
from dashboard.views.actions.table import actions_html
from trainer.format import counted

__all__ = ["render"]

_STYLE = Path(__file__).with_name("style.css")
_A_PAGE = 50


def render() -> None:
    """Draw the page."""
    st.html(_STYLE)
    with st.container(key="runs-head"):
        st.title("Actions", anchor=False)
    if not needs_sign_in():
        empty(
            "Nobody signs in to this Fitboard, so it does not record who does what. Start it with "
            "`fitboard up --sign-in password`.",
            page=RUNS,
            label="All runs",
        )
        return
    with errors_shown():
        _listed()


def _listed() -> None:
    with st.container(horizontal=True, gap="small", key="actions-filters"):
        st.text_input(
            "Person", key=ActionsKey.PERSON, bind="query-params", placeholder="Part of a name", on_change=_to_newest
        )
        st.text_input(
            "Action, run or dataset", key=ActionsKey.ABOUT, bind="query-params",
            placeholder="delete, or the beginning of a run id", on_change=_to_newest,
        )  # fmt: skip
    number = max(1, int(asked.page)) if asked.page.isdecimal() and len(asked.page) < 8 else 1
    begin = (number - 1) * _A_PAGE
    # One more, to know whether there are older ones.
    found = actions(person=asked.person.strip(), about=asked.about.strip(), begin=begin, most=_A_PAGE + 1)
    if not found:
        narrow = asked.person or asked.about or number > 1
        empty("No actions match. Shorten the filter." if narrow else "No actions are recorded yet.")
        return
    shown = found[:_A_PAGE]
    st.html(actions_html(shown, time.time()))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{counted(len(shown), 'action')}, newest first", width="stretch")
        if number > 1:
            _page_link("Newer", number - 1, ":material/arrow_back:")
        if len(found) > _A_PAGE:
            _page_link("Older", number + 1, ":material/arrow_forward:")


def _page_link(label: str, number: int, icon: str) -> None:
    given = {ActionsKey.PERSON: asked.person, ActionsKey.ABOUT: asked.about, ActionsKey.PAGE: str(number)}
    query = {str(key): value for key, value in given.items() if value}
    link(ACTIONS, label=label, icon=icon, width="content", query_params=query)


def _to_newest() -> None:
    asked.page = ""
