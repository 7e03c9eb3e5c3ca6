"""The store and the home of this dashboard, and cached access to them."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from dashboard.access.rights import needs_sign_in
from dashboard.environment import HOST_IN_LINK, MLFLOW_LINK, MLFLOW_UI
from trainer.home import Home
from trainer.tracking import RunReader
from trainer.tracking.address import move_login

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store


__all__ = ["Context", "context", "is_shared", "reader", "reader_of", "store"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where this dashboard reads and writes.

    Args:
        home: the local folder.
        tracking_uri: the MLflow store.
        mlflow_ui: address of MLflow's UI on this machine, if it runs.
        mlflow_link: address of MLflow's UI as the browser reaches it, if it does.
    """

    home: Home
    tracking_uri: str
    mlflow_ui: str | None
    mlflow_link: str | None


def context() -> Context:
    """Return the settings that `fitboard up` or `fitboard dashboard` passed in the environment."""
    home = Home.resolve()
    ui = os.environ.get(MLFLOW_UI) or None
    link = os.environ.get(MLFLOW_LINK) or ui
    if link and HOST_IN_LINK in link:
        link = link.replace(HOST_IN_LINK, _host_in_browser())
    elif link and _is_near(urlsplit(link).hostname) and not _is_near(_host_in_browser()):
        # The browser would look for it on its own machine.
        link = None
    return Context(home=home, tracking_uri=move_login(home.tracking_uri()), mlflow_ui=ui, mlflow_link=link)


def _host_in_browser() -> str:
    """Return the host name in the browser's address bar, which is known to reach this machine."""
    host = urlsplit(st.context.url or "").hostname or "localhost"
    return f"[{host}]" if ":" in host else host


def is_shared() -> bool:
    """Return whether several people may use the store: it is not an SQLite file, or they sign in."""
    return needs_sign_in() or not context().tracking_uri.startswith("sqlite")


def _is_near(host: str | None) -> bool:
    """Return whether a host name is that of the machine that uses it."""
    return host in {"localhost", "::1", "[::1]"} or (host or "").startswith("127.")


@st.cache_resource(show_spinner=False)
def reader_of(tracking_uri: str) -> RunReader:
    """Return the cached reader of a store."""
    from trainer.tracking import open_reader

    return open_reader(tracking_uri)


def reader() -> RunReader:
    """Return the reader of this dashboard's store. It does not import MLflow if the store is a database."""
    return reader_of(context().tracking_uri)


@st.cache_resource(show_spinner="Opening the MLflow store…")
def _store(tracking_uri: str, path: str) -> "Store":
    from trainer.tracking import open_store

    opened = open_store(tracking_uri, Home.resolve(path))
    opened.prepare()
    return opened


def store() -> "Store":
    """Return this dashboard's store for writing. The first call imports MLflow and takes a few seconds."""
    here = context()
    return _store(here.tracking_uri, str(here.home.path))
