"""Cached histories of metrics: an ended run's are kept, and those of a live run are read from where they end."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.loaders.context import context, reader, reader_of
from dashboard.loaders.ended import ended_key, ids_of
from trainer.tracking import Run, Series

__all__ = ["histories", "metric_curves"]


# `cache_resource`, since `cache_data` unpickles a copy at every call; the pages do not change what they read.
@st.cache_resource(show_spinner=False, max_entries=2000)
def _ended_history(tracking_uri: str, run_id: str, ended: int | None) -> Mapping[str, Series]:
    return reader_of(tracking_uri).histories([run_id]).get(run_id, {})


# One object per live run, shared by all sessions, which every read extends by the points logged since.
@st.cache_resource(show_spinner=False, max_entries=500)
def _live_history(tracking_uri: str, run_id: str) -> dict[str, Series]:
    return {}


def _live_histories(run_ids: Sequence[str], metrics: Sequence[str] | None = None) -> dict[str, dict[str, Series]]:
    if not run_ids:
        return {}
    known = {run_id: _live_history(context().tracking_uri, run_id) for run_id in run_ids}
    found = reader().histories(run_ids, metrics, known=known)
    for run_id, series in found.items():
        known[run_id].update(series)
    return found


def histories(runs: Sequence[Run]) -> dict[str, Mapping[str, Series]]:
    """Return run id → metric → history: cached for ended runs, read in one query for live ones."""
    fresh = _live_histories([run.run_id for run in runs if not run.status.ended])
    uri = context().tracking_uri
    return {
        run.run_id: _ended_history(uri, run.run_id, run.end_time) if run.status.ended else fresh.get(run.run_id, {})
        for run in runs
    }


@st.cache_resource(show_spinner=False, max_entries=10)
def _ended_curves(tracking_uri: str, ended: str, metrics: tuple[str, ...]) -> dict[str, dict[str, Series]]:
    return reader_of(tracking_uri).histories(ids_of(ended), metrics)


def metric_curves(runs: Sequence[Run], metrics: Sequence[str]) -> dict[str, dict[str, Series]]:
    """Return run id → metric → history: one cached query for all ended runs, and one query for live ones."""
    names = tuple(sorted(set(metrics)))
    live = [run.run_id for run in runs if not run.status.ended]
    found = _ended_curves(context().tracking_uri, ended_key(runs), names) if names and len(live) < len(runs) else {}
    return found | (_live_histories(live, names) if names else {})
