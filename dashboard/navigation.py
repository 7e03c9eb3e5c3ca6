"""The pages, their addresses, and links between them."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

__all__ = ["BUILD", "COMPARE", "RUN", "RUNS", "go", "navigate"]


def _build() -> None:
    from dashboard.views import build

    build.render()


def _runs() -> None:
    from dashboard.views import runs

    runs.render()


def _run() -> None:
    from dashboard.views import run

    run.render()


def _compare() -> None:
    from dashboard.views import compare

    compare.render()


def _start() -> None:
    st.switch_page(BUILD, query_params=st.query_params.to_dict())


BUILD = st.Page(_build, title="Build", icon=":material/construction:", url_path="build")
RUNS = st.Page(_runs, title="Runs", icon=":material/list:", url_path="runs")
RUN = st.Page(_run, title="Run", icon=":material/show_chart:", url_path="run", visibility="hidden")
COMPARE = st.Page(_compare, title="Compare", icon=":material/compare_arrows:", url_path="compare")
_START = st.Page(_start, title="Fitboard", url_path="start", default=True, visibility="hidden")


def navigate() -> Any:
    """The page that the address asks for, with the menu drawn. Call `run()` on it."""
    return st.navigation([_START, BUILD, RUNS, RUN, COMPARE], position="top")


def go(page: Any, **query: str | Sequence[str]) -> None:
    """Leaves for another page: `go(RUN, id=run_id)`."""
    st.switch_page(page, query_params={name: value for name, value in query.items() if value})
