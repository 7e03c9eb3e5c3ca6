"""The caches of runs that are alike: of the same config, of the same group; keyed by their digests.

The store has no index for either, so that ten thousand runs take it some fifty milliseconds.
"""

from typing import NamedTuple

import streamlit as st

from dashboard.loaders.context import context, reader
from dashboard.loaders.datasets import changed_at
from trainer.config import Config
from trainer.errors import StoreError
from trainer.reproduce import finished_runs, group_runs, live_in_group, one_a_seed
from trainer.tracking import Run, Tag

__all__ = ["Group", "already_run", "group_of"]


@st.cache_resource(show_spinner=False, ttl=20, max_entries=200)
def _already_run(tracking_uri: str, config_digest: str, since: float) -> Run | None:
    try:
        return next(iter(finished_runs(reader(), config_digest, since=since, limit=1)), None)
    except StoreError:
        return None


def already_run(config: Config) -> Run | None:
    """The newest FINISHED run of exactly this config, at most twenty seconds old; None where the store is away."""
    return _already_run(context().tracking_uri, config.digest, changed_at(config.dataset))


class Group(NamedTuple):
    """The runs that differ in the seed alone, one a seed: those that finished, and those that have not ended yet."""

    finished: tuple[Run, ...]
    live: tuple[Run, ...]


@st.cache_resource(show_spinner=False, ttl=2, max_entries=50)
def _group(tracking_uri: str, group: str) -> Group:
    try:
        # Live ones first, so that none is missed that ends between the questions.
        live = live_in_group(reader(), group)
        finished = group_runs(reader(), group)
    except StoreError:
        return Group((), ())
    one_each = one_a_seed((*finished, *live))
    return Group(finished, tuple(run for run in one_each if not run.status.ended))


def group_of(run: Run) -> Group:
    """The runs that differ from this one in the seed alone, itself among them; at most two seconds old."""
    group = run.tags.get(Tag.GROUP)
    return _group(context().tracking_uri, group) if group else Group((), ())
