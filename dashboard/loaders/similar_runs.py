"""The caches of runs that are alike: of the same config, of the same group; keyed by their digests.

The store has no index for either, so that ten thousand runs take it some fifty milliseconds.
"""

import streamlit as st

from dashboard.loaders.context import context, reader
from dashboard.loaders.datasets import changed_at
from trainer.config import Config
from trainer.errors import StoreError
from trainer.reproduce import finished_runs, group_runs
from trainer.tracking import Run, Tag

__all__ = ["already_run", "in_group"]


@st.cache_resource(show_spinner=False, ttl=20, max_entries=200)
def _already_run(tracking_uri: str, config_digest: str, since: float) -> Run | None:
    try:
        return next(iter(finished_runs(reader(), config_digest, since=since, limit=1)), None)
    except StoreError:
        return None


def already_run(config: Config) -> Run | None:
    """The newest FINISHED run of exactly this config, at most twenty seconds old; None where the store is away."""
    return _already_run(context().tracking_uri, config.digest, changed_at(config.dataset))


@st.cache_resource(show_spinner=False, ttl=10, max_entries=50)
def _in_group(tracking_uri: str, group: str) -> tuple[Run, ...]:
    try:
        return group_runs(reader(), group)
    except StoreError:
        return ()


def in_group(run: Run) -> tuple[Run, ...]:
    """The FINISHED runs that differ from this one in the seed alone, itself among them; at most ten seconds old."""
    group = run.tags.get(Tag.GROUP)
    return _in_group(context().tracking_uri, group) if group else ()
