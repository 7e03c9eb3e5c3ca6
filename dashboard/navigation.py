"""The addresses of the pages, and links between them. Knows no view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

__all__ = ["BUILD", "COMPARE", "RUN", "RUNS", "Address", "go", "link"]


@dataclass(frozen=True, kw_only=True)
class Address:
    """A page of the dashboard.

    Streamlit's own page objects belong to one run of the script: they are made anew in each, never kept.
    """

    title: str
    path: str
    icon: str
    visibility: Literal["visible", "hidden"] = "visible"

    def page(self, draw: Callable[[], None] | None = None) -> Any:
        """Streamlit's page; only while the script runs.

        Streamlit (1.67) knows a page by its `url_path`, so a link to one needs not know what draws it.
        """
        return st.Page(
            draw or _nothing, title=self.title, icon=self.icon, url_path=self.path, visibility=self.visibility
        )


def _nothing() -> None:
    """Stands for a page's function where the page is only linked to."""


BUILD = Address(title="Build", path="build", icon=":material/construction:")
RUNS = Address(title="Runs", path="runs", icon=":material/list:")
RUN = Address(title="Run", path="run", icon=":material/show_chart:", visibility="hidden")
COMPARE = Address(title="Compare", path="compare", icon=":material/compare_arrows:")


def go(page: Address, **query: str | Sequence[str]) -> None:
    """Leaves for another page: `go(RUN, id=run_id)`."""
    st.switch_page(page.page(), query_params={name: value for name, value in query.items() if value})


def link(page: Address, *, label: str | None = None, **options: Any) -> None:
    """Draws a link to a page, with `st.page_link`'s options: `link(RUN, label="Run", query_params={"id": run_id})`."""
    st.page_link(page.page(), label=label, **options)
