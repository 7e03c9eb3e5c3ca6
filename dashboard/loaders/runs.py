"""Cached reads of runs, keyed by ids and digests; those of Build are in `datasets` and `checks`.

An ended run does not change but may be resumed, so its cache entries are keyed by its id and end time.
Live runs are read at every call.
"""

import os
import socket
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

import streamlit as st

from dashboard.loaders.context import context, reader, reader_of
from dashboard.loaders.ended import ended_key, ids_of
from dashboard.loaders.histories import histories, metric_curves
from trainer.config import Config
from trainer.errors import ConfigError, StoreError
from trainer.execution import Durations, Expected, Outlook, look_ahead, recent_durations
from trainer.execution.cluster import Cluster, look_at_cluster
from trainer.home import Home
from trainer.reproduce import ancestry
from trainer.tracking import (
    Column,
    Common,
    Experiment,
    GroupBy,
    GroupPage,
    LoggedDataset,
    Run,
    RunPage,
    RunQuery,
    Series,
    Sort,
    Status,
    Tag,
    Views,
    views_of,
)
from trainer.tracking.files import LOG_FILE
from trainer.tracking.read.config import config_text, parse_recorded
from trainer.tracking.read.find import find_run

__all__ = [
    "Snapshot",
    "ancestors",
    "artifact",
    "artifact_names",
    "cluster",
    "columns",
    "common_columns",
    "config",
    "expected",
    "experiments",
    "find",
    "forget_columns",
    "forget_experiments",
    "forget_outlooks",
    "log_tail",
    "logged_datasets",
    "mlflow_answers",
    "outlook",
    "run_groups",
    "run_page",
    "runs_by_id",
    "snapshot",
    "store_version",
    "views",
]

_PATIENCE_SECONDS = 0.5
# Enough for the 500 lines that a page shows, at up to 400 bytes each.
_LOG_BYTES = 200_000


@dataclass(kw_only=True)
class Snapshot:
    """A run as last read, and the error that prevented a newer read."""

    run: Run | None = None
    history: Mapping[str, Series] = field(default_factory=dict)
    error: StoreError | None = None


# One object per run, shared by all sessions, which `snapshot` updates.
@st.cache_resource(show_spinner=False, max_entries=500)
def _last_known(tracking_uri: str, run_id: str) -> Snapshot:
    return Snapshot()


def snapshot(run_id: str, drawn: Callable[[Run], Sequence[str] | None]) -> Snapshot:
    """Return a run with its histories; if the store cannot be read, its last known state and the error.

    Args:
        run_id: the run's id.
        drawn: returns the metrics of a run whose histories are needed, None for all except `system/…`.
    """
    known = _last_known(context().tracking_uri, run_id)
    try:
        found = reader().get([run_id])
        keys = drawn(found[0]) if found else None
        read = histories(found) if keys is None else metric_curves(found, keys)
        history = read.get(run_id, {})
    except StoreError as error:
        return Snapshot(run=known.run, history=known.history, error=error)
    if found:
        known.run, known.history = found[0], history
        return Snapshot(run=known.run, history=known.history)
    gone = StoreError("This run is no longer in the store. The page shows its last known state.")
    return Snapshot(run=known.run, history=known.history, error=gone if known.run else None)


@st.cache_resource(show_spinner=False, max_entries=200)
def _ended_artifact(tracking_uri: str, run_id: str, ended: int | None, path: str) -> bytes | None:
    where = reader_of(tracking_uri)
    found = where.get([run_id])
    return where.artifact(found[0], path) if found else None


def mlflow_answers() -> bool:
    """Return whether MLflow's UI can be opened now; checked at most every five seconds."""
    address = context().mlflow_ui
    return address is not None and _answers(address)


@st.cache_data(show_spinner=False, ttl=5)
def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port or 443), timeout=_PATIENCE_SECONDS):
            return True
    except OSError:
        return False


def artifact(run: Run, path: str) -> bytes | None:
    """Return the content of one artifact, or None; cached for ended runs."""
    if run.status.ended:
        return _ended_artifact(context().tracking_uri, run.run_id, run.end_time, path)
    return reader().artifact(run, path)


@st.cache_resource(show_spinner=False, max_entries=500)
def _ended_names(tracking_uri: str, run_id: str, ended: int | None, folder: str) -> tuple[str, ...]:
    where = reader_of(tracking_uri)
    found = where.get([run_id])
    return where.artifacts(found[0], folder) if found else ()


def artifact_names(run: Run, folder: str) -> tuple[str, ...]:
    """Return the paths in one folder of the run's artifacts; cached for ended runs."""
    if run.status.ended:
        return _ended_names(context().tracking_uri, run.run_id, run.end_time, folder)
    return reader().artifacts(run, folder)


@st.cache_resource(show_spinner=False, ttl=10, max_entries=10)
def _durations(tracking_uri: str) -> Durations:
    return recent_durations(reader_of(tracking_uri))


@st.cache_resource(show_spinner=False, ttl=1, max_entries=50)
def _outlook(tracking_uri: str, path: str, queue: str) -> Outlook:
    durations = _durations(tracking_uri)
    return look_ahead(reader_of(tracking_uri), queue, home=Home.resolve(path), durations=durations)


def outlook(queue: str) -> Outlook:
    """Return the queued runs of a queue and their expected starts; cached for one second."""
    here = context()
    return _outlook(here.tracking_uri, str(here.home.path), queue)


def forget_outlooks() -> None:
    """Clear the cached queues after their order was changed."""
    _outlook.clear()


@st.cache_resource(show_spinner=False, ttl=1, max_entries=10)
def _cluster(tracking_uri: str, path: str) -> Cluster:
    return look_at_cluster(reader_of(tracking_uri), Home.resolve(path))


def cluster() -> Cluster:
    """Return what runs where; cached for one second."""
    here = context()
    return _cluster(here.tracking_uri, str(here.home.path))


def expected(runs: Sequence[Run]) -> dict[str, Expected]:
    """Return run id → expected start, for the queued runs."""
    queues = {run.tags.get(Tag.QUEUE, "") for run in runs if run.status is Status.SCHEDULED}
    return {run_id: each for queue in queues for run_id, each in outlook(queue).expected.items()}


def log_tail(run: Run) -> str | None:
    """Return the end of the run's log: the growing file if it is on this machine, else the artifact."""
    try:
        with (context().home.run(run.run_id) / LOG_FILE).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
            # The part may begin in the middle of a character.
            return file.read().decode(errors="replace")
    except OSError:
        kept = artifact(run, LOG_FILE)
        return None if kept is None else kept[-_LOG_BYTES:].decode(errors="replace")


def runs_by_id(run_ids: Sequence[str]) -> tuple[Run, ...]:
    """Return the runs with these ids; ids that are not in the store are left out."""
    return reader().get(run_ids) if run_ids else ()


def find(word: str) -> Run:
    """Return the run for an id, the beginning of an id, or `latest`.

    Raises:
        RunNotFoundError: no run, or more than one, matches.
    """
    return find_run(reader(), word)


def ancestors(run: Run) -> tuple[Run, ...]:
    """Return the runs that this one was made from, oldest first, and the run itself."""
    return ancestry(reader(), run)


def store_version() -> Hashable | None:
    """Return the state of the store, equal while nothing is written; None where this is unknown."""
    try:
        return reader().version()
    except StoreError:
        return None


def run_page(query: RunQuery) -> RunPage:
    """Return one page of runs, never cached."""
    return reader().page(query, quick=True)


def run_groups(query: RunQuery, by: GroupBy) -> GroupPage:
    """Return one page of groups of runs, never cached."""
    return reader().groups(query, by)


@st.cache_data(show_spinner=False, ttl=10, max_entries=10)
def _columns(tracking_uri: str) -> tuple[tuple[str, str], ...]:
    return reader_of(tracking_uri).columns()


def columns() -> tuple[tuple[str, str], ...]:
    """Return every (kind, name) that runs can be sorted or shown by; cached for ten seconds."""
    return _columns(context().tracking_uri)


def forget_columns() -> None:
    """Clear the cached columns after a tag was set or removed."""
    _columns.clear()


# Values that differ on the page are never asked for, so an old answer only delays what differs on other pages.
@st.cache_resource(show_spinner=False, ttl=30, max_entries=50)
def _common(tracking_uri: str, query: RunQuery, values: tuple[tuple[Column, str], ...]) -> Common:
    return reader_of(tracking_uri).common(query, dict(values))


def common_columns(query: RunQuery, values: Mapping[Column, str]) -> Common:
    """Return which of these params and tags have the given value in all runs of a query; cached for 30 seconds."""
    everything = replace(query, offset=0, limit=0, sort=Sort())
    return _common(context().tracking_uri, everything, tuple(values.items()))


@st.cache_data(show_spinner=False, ttl=10, max_entries=10)
def _experiments(tracking_uri: str) -> tuple[Experiment, ...]:
    return reader_of(tracking_uri).experiments()


def forget_experiments() -> None:
    """Clear the cached experiments, and their saved views, after one was created or annotated."""
    _experiments.clear()
    _views.clear()


def experiments() -> tuple[Experiment, ...]:
    """Return every experiment; cached for ten seconds."""
    return _experiments(context().tracking_uri)


@st.cache_resource(show_spinner=False, ttl=10, max_entries=10)
def _views(tracking_uri: str) -> Views:
    return views_of(_experiments(tracking_uri))


def views() -> Views:
    """Return the saved views of every experiment; cached for ten seconds."""
    return _views(context().tracking_uri)


@st.cache_resource(show_spinner=False, max_entries=20)
def _ended_datasets(tracking_uri: str, ended: str) -> dict[str, tuple[LoggedDataset, ...]]:
    return reader_of(tracking_uri).datasets(ids_of(ended))


def logged_datasets(runs: Sequence[Run]) -> dict[str, tuple[LoggedDataset, ...]]:
    """Return run id → the datasets that the run logged; cached for ended runs."""
    live = [run.run_id for run in runs if not run.status.ended]
    found = _ended_datasets(context().tracking_uri, ended_key(runs)) if len(live) < len(runs) else {}
    return found | (reader().datasets(live) if live else {})


# A plain cache, since a page of 500 runs asks thousands of times, and Streamlit's takes a tenth of a millisecond each.
@lru_cache(maxsize=1000)
def _parsed(text: str) -> Config | None:
    try:
        return parse_recorded(text)
    except ConfigError:
        return None


def config(run: Run) -> Config | None:
    """Return the config of a run, or None if another program or an incompatible version logged it."""
    text = config_text(artifact, run)
    return _parsed(text) if text else None
