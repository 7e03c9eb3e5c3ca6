"""Page addresses, the header, and links between pages. Imports no view."""

import base64
import html
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.theme import ICON
from trainer.format import cut, one_line

__all__ = [
    "ACTIONS",
    "BUILD",
    "CLUSTER",
    "COMPARE",
    "DATA",
    "PAGES",
    "RUN",
    "RUNS",
    "SWEEP",
    "SWEEPS",
    "Address",
    "address_of",
    "end_run",
    "go",
    "header",
    "link",
    "title",
]

_router = st.components.v2.component(
    "fitboard_navigation", js=Path(__file__).with_name("navigation.js").read_text(encoding="utf-8")
)


# The session-state key of the address that the browser was last sent to.
_GOING = "navigation.going"


@dataclass(frozen=True, kw_only=True)
class Address:
    """A page of the dashboard.

    Streamlit's page objects belong to one script run, so each run creates them again.
    """

    title: str
    path: str
    icon: str
    visibility: Literal["visible", "hidden"] = "visible"

    def page(self, draw: Callable[[], None] | None = None) -> Any:
        """Return Streamlit's page object; call it only during a script run.

        Streamlit (1.67) identifies a page by its `url_path`, so a link does not need the function that draws the page.
        """
        return st.Page(
            draw or _nothing, title=self.title, icon=self.icon, url_path=self.path, visibility=self.visibility
        )


@dataclass(frozen=True, kw_only=True)
class _Going:
    """The address that the browser was last sent to."""

    address: str
    nonce: str
    is_new: bool = True


def _nothing() -> None:
    """Stand in for the function of a page that is only linked to."""


BUILD = Address(title="Build", path="build", icon=":material/construction:")
RUNS = Address(title="Runs", path="runs", icon=":material/list:")
RUN = Address(title="Run", path="run", icon=":material/show_chart:", visibility="hidden")
COMPARE = Address(title="Compare", path="compare", icon=":material/compare_arrows:")
DATA = Address(title="Data", path="data", icon=":material/table_view:")
CLUSTER = Address(title="Cluster", path="cluster", icon=":material/lan:", visibility="hidden")
SWEEPS = Address(title="Sweeps", path="sweeps", icon=":material/travel_explore:")
SWEEP = Address(title="Sweep", path="sweep", icon=":material/query_stats:", visibility="hidden")
ACTIONS = Address(title="Actions", path="actions", icon=":material/history:", visibility="hidden")
PAGES = (DATA, BUILD, RUNS, RUN, SWEEPS, SWEEP, COMPARE, CLUSTER, ACTIONS)


def header(name: str | None = None) -> None:
    """Draw the product name and the page links, and make links use the browser's history.

    Call it once per script run, before anything else and outside fragments. When `go` has sent the browser to another
    page, the script ends here. `name` is that of whoever has signed in.
    """
    with st.container(key="fitboard-header"):
        st.html(_header_html(name))
    going: _Going | None = st.session_state.get(_GOING)
    data = {"go": going.address, "nonce": going.nonce} if going else {}
    told = {"pages": [page.path for page in PAGES], "signedIn": name is not None}
    with st.container(key="fitboard-links"):
        _router(key="fitboard-router", data={**told, **data})
    if going and going.is_new:
        # If this run is interrupted, later runs pass the address on; the nonce makes the browser follow it only once.
        st.session_state[_GOING] = replace(going, is_new=False)
        end_run()


def end_run() -> NoReturn:
    """End the script run here, with the page that is drawn so far. Does not return."""
    # Streamlit (1.67) forgets the fragments of the last page only when a run reaches its end. The timer of one may have
    # fired by now: it would draw into a place that this page does not have, at which the front end breaks for good
    # ("Bad delta path index").
    context = get_script_run_ctx()
    if context is not None:
        context.fragment_storage.clear()
    st.stop()


@cache
def _header_html(name: str | None) -> str:
    icon = base64.b64encode(ICON.read_bytes()).decode("ascii")
    links = "".join(f'<a href="{page.path}">{page.title}</a>' for page in PAGES if page.visibility == "visible")
    person = "" if name is None else _person_html(name)
    return (
        f'<nav class="fitboard-header" aria-label="Pages"><a class="fitboard-brand" href="{BUILD.path}">'
        f'<img alt="" src="data:image/png;base64,{icon}">Fitboard</a>{links}{person}</nav>'
    )


def _person_html(name: str) -> str:
    shown = html.escape(name, quote=True)
    return f'<a class="fitboard-person" href="account" title="{shown}: role, password, sign out">{shown}</a>'


def address_of(page: Address, **query: str | Sequence[str]) -> str:
    """Return a page's address relative to another page: `address_of(RUN, id="abc")` is `run?id=abc`.

    A list repeats the parameter; empty values are left out.
    """
    given = {name: value for name, value in query.items() if value}
    return page.path + (f"?{urlencode(given, safe=',', doseq=True)}" if given else "")


def go(page: Address, **query: str | Sequence[str]) -> NoReturn:
    """Go to another page: `go(RUN, id=run_id)`. Does not return.

    The header navigates, in a script run of its own: a fragment's next timer replaces what the fragment drew, and a
    busy browser that receives both at once never sees the first.
    """
    # The browser would otherwise ignore a second visit to the same address, since the component's data are equal.
    st.session_state[_GOING] = _Going(address=address_of(page, **query), nonce=secrets.token_hex(8))
    st.rerun()


def link(page: Address, *, label: str | None = None, **options: Any) -> None:
    """Draw a link to a page, with `st.page_link`'s options: `link(RUN, label="Run", query_params={"id": run_id})`."""
    st.page_link(page.page(), label=label, **options)


def title(*words: str) -> None:
    """Set the title of the browser tab: `title("digits-mlp", "Run")` is `digits-mlp · Run · Fitboard`."""
    st.set_page_config(page_title=" · ".join([*(cut(one_line(word), 80) for word in words), "Fitboard"]))
