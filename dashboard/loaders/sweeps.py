"""Sweeps as they were last read, and what takes a while to compute of them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from dashboard.loaders.context import context, reader, reader_of
from trainer.config.search import load_sweep
from trainer.errors import ConfigError, RunNotFoundError, StoreError
from trainer.statistics import ExpectedBest, expected_best
from trainer.sweeps import records
from trainer.sweeps.following import Followed, Follower
from trainer.tracking import Run, Tag
from trainer.tracking.read.find import find_run

__all__ = ["SweepSnapshot", "expected_of", "find_sweep", "follow", "newest_sweeps", "objectives_of"]

_LATEST = "latest"


class SweepSnapshot(NamedTuple):
    """A sweep as last read, and the error that prevented a newer read; neither if there is no such run."""

    seen: Followed | None
    error: StoreError | None = None


# One object per sweep, shared by all sessions; a look replaces what it knows as a whole.
@st.cache_resource(show_spinner=False, max_entries=100)
def _follower(tracking_uri: str, sweep_id: str) -> Follower:
    return Follower(reader_of(tracking_uri), sweep_id)


def follow(sweep_id: str) -> SweepSnapshot:
    """Return a sweep with its trials; if the store cannot be read, its last known state and the error.

    Raises:
        ConfigError: the run is not a sweep that this version can read.
    """
    follower = _follower(context().tracking_uri, sweep_id)
    try:
        return SweepSnapshot(follower.look())
    except StoreError as error:
        return SweepSnapshot(follower.last, error)


def newest_sweeps(limit: int) -> tuple[Run, ...]:
    """Return the newest sweeps of the store, never cached."""
    return records.sweeps(reader(), limit)


# A plain cache, since a page asks for a hundred, and reading each file takes 10 ms.
@lru_cache(maxsize=1000)
def _objectives(text: str) -> tuple[str, ...]:
    try:
        return load_sweep(text, is_stored=True).settings.objective
    except ConfigError:
        return ()


def objectives_of(run: Run) -> tuple[str, ...]:
    """Return the objectives of a sweep; empty if its file is too long for a tag, or of another version."""
    return _objectives(run.tags.get(Tag.SWEEP_FILE, ""))


def find_sweep(word: str) -> Run:
    """Return the sweep for an id, the beginning of an id, or `latest`.

    Raises:
        RunNotFoundError: no run, or more than one, matches; or there is no sweep yet.
        ConfigError: the run is not a sweep.
        StoreError: the store cannot be read.
    """
    if word == _LATEST:
        found = newest_sweeps(1)
        if not found:
            raise RunNotFoundError("There is no sweep yet.")
        return found[0]
    run = find_run(reader(), word)
    if not records.is_sweep(run):
        raise ConfigError(f"Run {run.short_title} is not a sweep.")
    return run


@st.cache_data(show_spinner=False, max_entries=200)
def _expected(results: tuple[float, ...], higher_is_better: bool) -> tuple[ExpectedBest, ...]:
    return expected_best(results, higher_is_better=higher_is_better)


def expected_of(results: Sequence[float], *, higher_is_better: bool) -> tuple[ExpectedBest, ...]:
    """Return the expected best of a budget by the results of trials; cached, since its interval is a bootstrap's."""
    return _expected(tuple(results), higher_is_better)
