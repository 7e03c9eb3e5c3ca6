"""Cached queries for runs of the same config or the same group, keyed by their digests.

MLflow's tables have no index for either: with 10,000 runs a query takes about 50 ms.
"""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from dashboard.loaders.context import context, reader
from dashboard.loaders.datasets import changed_at
from dashboard.loaders.runs import logged_datasets
from trainer.config import Config
from trainer.errors import StoreError
from trainer.reproduce import finished_in_group, finished_runs, live_in_group, one_a_seed
from trainer.tracking import LoggedDataset, Run, Tag

__all__ = ["Group", "already_run", "group_of"]


@st.cache_resource(show_spinner=False, ttl=20, max_entries=200)
def _already_run(tracking_uri: str, config_digest: str, since: float) -> Run | None:
    try:
        return next(iter(finished_runs(reader(), config_digest, since=since, limit=1)), None)
    except StoreError:
        return None


def already_run(config: Config) -> Run | None:
    """Return the newest finished run of this exact config, or None; cached for 20 seconds."""
    return _already_run(context().tracking_uri, config.digest, changed_at(config.dataset))


class Group(NamedTuple):
    """Runs that differ only in the seed, one per seed: finished ones, and ones that have not ended."""

    finished: tuple[Run, ...]
    live: tuple[Run, ...]


_Logged = Mapping[str, tuple[LoggedDataset, ...]]


@st.cache_resource(show_spinner=False, ttl=2, max_entries=50)
def _group(tracking_uri: str, group: str) -> tuple[Group, _Logged]:
    """Return the runs of a group, whatever their data, and the datasets that each logged."""
    try:
        # Live runs first, so that a run that ends between the two queries is not missed.
        live = live_in_group(reader(), group)
        finished = finished_in_group(reader(), group)
        logged = reader().datasets([run.run_id for run in (*finished, *live)])
    except StoreError:
        return Group((), ()), {}
    return Group(finished, live), logged


def group_of(run: Run) -> Group:
    """Return the runs that differ from this one only in the seed, including itself; at most two seconds old.

    A config names a data file only by its path, so runs that trained on other contents are left out.
    """
    group = run.tags.get(Tag.GROUP)
    if not group:
        return Group((), ())
    (finished, live), logged = _group(context().tracking_uri, group)
    own = logged.get(run.run_id) or _logged_by(run)

    def has_same_data(other: Run) -> bool:
        theirs = logged.get(other.run_id)
        return not own or not theirs or theirs == own

    one_each = one_a_seed(tuple(filter(has_same_data, (*finished, *live))))
    return Group(
        tuple(each for each in one_each if each.status.ended),
        tuple(each for each in one_each if not each.status.ended),
    )


def _logged_by(run: Run) -> tuple[LoggedDataset, ...]:
    try:
        return logged_datasets([run])[run.run_id]
    except StoreError:
        return ()
