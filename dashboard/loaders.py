"""The only caches of the pages, keyed by ids and digests."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from trainer.home import Home
from trainer.tracking import Run, RunReader, Series

__all__ = ["Context", "context", "ended_histories", "histories", "reader", "runs", "store"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where this dashboard reads and writes. `mlflow_ui` is the address of MLflow's own pages, if they run."""

    home: Home
    tracking_uri: str
    mlflow_ui: str | None


def context() -> Context:
    """What `fitboard up` or `fitboard dashboard` told this process by its environment."""
    home = Home.resolve()
    return Context(home=home, tracking_uri=home.tracking_uri(), mlflow_ui=os.environ.get("FITBOARD_MLFLOW_UI") or None)


@st.cache_resource(show_spinner=False)
def _reader(tracking_uri: str) -> RunReader:
    from trainer.tracking import open_reader

    return open_reader(tracking_uri)


def reader() -> RunReader:
    """The reader of this dashboard's store; light, imports no MLflow where the store is a database."""
    return _reader(context().tracking_uri)
