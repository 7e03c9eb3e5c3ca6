"""The recorded environments of runs: those of ended runs are kept."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.loaders.context import context, reader, reader_of
from trainer.reproduce.record import parse_environment
from trainer.tracking import Run
from trainer.tracking.files import ENVIRONMENT_FILE

__all__ = ["environments"]

# Twice as many as one comparison has.
_MOST_KEPT = 1000

_Environment = Mapping[str, Any]
_Key = tuple[str, int | None]


class _Kept:
    """The environments of the ended runs that were asked for last, by id and end time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, _Environment] = OrderedDict()

    def get(self, key: _Key) -> _Environment | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: _Key, value: _Environment) -> None:
        with self._lock:
            self._known[key] = value
            while len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)


# One object per store, shared by all sessions: an entry of Streamlit's cache for each run takes 500 times as long to
# find, and a comparison of more runs than there are entries would read all files again at every redraw.
@st.cache_resource(show_spinner=False, max_entries=10)
def _kept(tracking_uri: str) -> _Kept:
    return _Kept()


@st.cache_resource(show_spinner=False, ttl=10, max_entries=200)
def _live_environment(tracking_uri: str, run_id: str) -> bytes | None:
    where = reader_of(tracking_uri)
    found = where.get([run_id])
    return where.artifact(found[0], ENVIRONMENT_FILE) if found else None


def environments(runs: Sequence[Run]) -> dict[str, _Environment]:
    """Return run id → recorded environment, empty if there is none; cached for ten seconds while a run is live."""
    uri = context().tracking_uri
    kept = _kept(uri)
    return {run.run_id: _environment(run, uri, kept) for run in runs}


def _environment(run: Run, uri: str, kept: _Kept) -> _Environment:
    if not run.by_fitboard:
        return {}
    if not run.status.ended:
        return parse_environment(_live_environment(uri, run.run_id))
    key = (run.run_id, run.end_time)
    known = kept.get(key)
    if known is None:
        known = parse_environment(reader().artifact(run, ENVIRONMENT_FILE))
        kept.put(key, known)
    return known
