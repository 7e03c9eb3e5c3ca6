"""The addresses of the pages, and links between them. Knows no view."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn
from urllib.parse import urlencode

import streamlit as st

from trainer.format import cut, one_line

__all__ = ["BUILD", "COMPARE", "PAGES", "RUN", "RUNS", "Address", "address_of", "follow_links", "go", "link", "title"]

_router = st.components.v2.component(
    "fitboard_navigation", js=Path(__file__).with_name("navigation.js").read_text(encoding="utf-8")
)


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
PAGES = (BUILD, RUNS, RUN, COMPARE)


def follow_links() -> None:
    """Has the browser follow links between pages through its history. Once a page, outside of fragments."""
    with st.container(key="fitboard-links"):
        _router(key="fitboard-router", data={"pages": [page.path for page in PAGES]})


def address_of(page: Address, **query: str | Sequence[str]) -> str:
    """A page's address seen from another page: `address_of(RUN, id="abc")` is `run?id=abc`; lists repeat the name."""
    given = {name: value for name, value in query.items() if value}
    return page.path + (f"?{urlencode(given, safe=',', doseq=True)}" if given else "")


def go(page: Address, **query: str | Sequence[str]) -> NoReturn:
    """Leaves for another page: `go(RUN, id=run_id)`. Nothing after it is run."""
    nonce = secrets.token_hex(8)
    with st.container(key="fitboard-go"):
        _router(key=f"fitboard-go-{nonce}", data={"go": address_of(page, **query), "nonce": nonce})
    st.stop()


def link(page: Address, *, label: str | None = None, **options: Any) -> None:
    """Draws a link to a page, with `st.page_link`'s options: `link(RUN, label="Run", query_params={"id": run_id})`."""
    st.page_link(page.page(), label=label, **options)


def title(words: str) -> None:
    """Names the browser's tab: `title("digits-mlp")` is `digits-mlp · Fitboard`."""
    st.set_page_config(page_title=f"{cut(one_line(words), 80)} · Fitboard")
