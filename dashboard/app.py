"""The page's entry: configuration, and which view draws which address."""

from importlib import import_module

import streamlit as st

from dashboard import state
from dashboard.navigation import BUILD, PAGES, Address, follow_links, title
from dashboard.theme import ICON, apply_theme


def _start() -> None:
    """The address without a path: Streamlit ignores the `url_path` of a default page, so it cannot be Build itself."""
    st.switch_page(BUILD.page(), query_params=st.query_params.to_dict())


def _draw(address: Address) -> None:
    # A view is imported when it is drawn: the first page need not wait for the others.
    import_module(f"dashboard.views.{address.path}").render()


def _keep_draft() -> None:
    # Here, since the last change of a field may arrive together with the click that leaves Build.
    if state.has_unsaved_draft():
        import_module("dashboard.views.build").keep_draft()


st.set_page_config(page_title="Fitboard", page_icon=str(ICON), layout="wide")
apply_theme()
start = st.Page(_start, title="Fitboard", url_path="start", default=True, visibility="hidden")
pages = [address.page(lambda address=address: _draw(address)) for address in PAGES]  # type: ignore[misc]
page = st.navigation([start, *pages], position="top")
title(page.title)
follow_links()
_keep_draft()
page.run()
