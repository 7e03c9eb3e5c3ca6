"""The page's entry: configuration, and which view draws which address."""

from importlib import import_module

import streamlit as st

from dashboard.navigation import BUILD, COMPARE, RUN, RUNS, Address
from dashboard.theme import ICON, apply_theme

# Views are imported when they are drawn: the first page need not wait for the others. A comment and no docstring, since
# Streamlit shows an expression that stands alone in the script on the page.
_VIEWS = {BUILD: "build", RUNS: "runs", RUN: "run", COMPARE: "compare"}


def _start() -> None:
    """The address without a path: Streamlit ignores the `url_path` of a default page, so it cannot be Build itself."""
    st.switch_page(BUILD.page(), query_params=st.query_params.to_dict())


def _draw(address: Address) -> None:
    import_module(f"dashboard.views.{_VIEWS[address]}").render()


st.set_page_config(page_title="Fitboard", page_icon=str(ICON), layout="wide")
apply_theme()
start = st.Page(_start, title="Fitboard", url_path="start", default=True, visibility="hidden")
pages = [address.page(lambda address=address: _draw(address)) for address in _VIEWS]  # type: ignore[misc]
st.navigation([start, *pages], position="top").run()
