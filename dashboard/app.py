"""The script of every page: page configuration, the header, and the view for each address."""

from importlib import import_module

import streamlit as st

from dashboard import state
from dashboard.access import rights
from dashboard.navigation import BUILD, PAGES, Address, end_run, header, title
from dashboard.theme import ICON, apply_theme


def _start() -> None:
    """Redirect `/` to Build, which cannot be the default page: Streamlit ignores a default page's `url_path`."""
    st.switch_page(BUILD.page(), query_params=st.query_params.to_dict())


def _draw(address: Address) -> None:
    # Each view is imported when it is first drawn, so that no page waits for the imports of the others.
    import_module(f"dashboard.views.{address.path}").render()


def _keep_draft() -> None:
    # Not in Build itself: the last change of a field may arrive together with the click that leaves Build.
    if state.has_unsaved_draft():
        import_module("dashboard.views.build").keep_draft()


# First of all: a later script run can interrupt this one at any Streamlit call, and the last change would be lost.
_keep_draft()
st.set_page_config(page_title="Fitboard", page_icon=str(ICON), layout="wide")
apply_theme()
start = st.Page(_start, title="Fitboard", url_path="start", default=True, visibility="hidden")
pages = [address.page(lambda address=address: _draw(address)) for address in PAGES]  # type: ignore[misc]
# Streamlit (1.67) folds its own navigation behind a hamburger below 768 pixels, so the header draws the links.
page = st.navigation([start, *pages], position="hidden")
title(page.title)
person = rights.person()
header(None if person is None else person.name)
if rights.needs_sign_in() and person is None:
    # The page stays open when a session ends; its websocket does not ask again.
    st.info("Your session has ended; [sign in again](sign-in). What you entered on Build is kept.")
    end_run()
page.run()
