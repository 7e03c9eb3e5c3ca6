"""The pages, their addresses, and links between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

__all__ = ["BUILD", "COMPARE", "RUN", "RUNS", "Address", "go", "link", "navigate"]


@dataclass(frozen=True, kw_only=True)
class Address:
    """A page of the dashboard.

    Streamlit's own page objects belong to one run of the script: they are made anew in each, never kept.
    """

    title: str
    path: str
    draw: Callable[[], None]
    icon: str
    visibility: Literal["visible", "hidden"] = "visible"

    def page(self) -> Any:
        """Streamlit's page; only while the script runs."""
        return st.Page(self.draw, title=self.title, icon=self.icon, url_path=self.path, visibility=self.visibility)


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
    st.switch_page(BUILD.page(), query_params=st.query_params.to_dict())


BUILD = Address(title="Build", path="build", draw=_build, icon=":material/construction:")
RUNS = Address(title="Runs", path="runs", draw=_runs, icon=":material/list:")
RUN = Address(title="Run", path="run", draw=_run, icon=":material/show_chart:", visibility="hidden")
COMPARE = Address(title="Compare", path="compare", draw=_compare, icon=":material/compare_arrows:")


def navigate() -> Any:
    """The page that the address asks for, with the menu drawn. Call `run()` on it."""
    start = st.Page(_start, title="Fitboard", url_path="start", default=True, visibility="hidden")
    return st.navigation([start, *(address.page() for address in (BUILD, RUNS, RUN, COMPARE))], position="top")


def go(page: Address, **query: str | Sequence[str]) -> None:
    """Leaves for another page: `go(RUN, id=run_id)`."""
    st.switch_page(page.page(), query_params={name: value for name, value in query.items() if value})


def link(page: Address, *, label: str | None = None, **options: Any) -> None:
    """Draws a link to a page, with `st.page_link`'s options: `link(RUN, label="Run", query_params={"id": run_id})`."""
    st.page_link(page.page(), label=label, **options)
