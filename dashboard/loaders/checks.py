"""Cached check reports of the inspector, keyed by the config and by its data."""

import json
import subprocess
import time

import streamlit as st

from dashboard.loaders.context import context
from dashboard.loaders.datasets import changed_at
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.errors import ConfigError, ResourceError
from trainer.execution import inspector_client, worker_alive
from trainer.execution.lock import holder_of
from trainer.format import exact_duration
from trainer.home import Home

__all__ = ["await_report", "check_report", "ensure_inspector", "refuse_impossible"]

# Seconds a page waits for the inspector before it is drawn without a report.
_PATIENCE = 1.0
# How long Train waits for Keras, which loads in about ten seconds.
_LOADING_SECONDS = 60.0
_LOOK_SECONDS = 0.2


class _NotYetError(Exception):
    """Raised inside a cached function: Streamlit caches return values, not exceptions."""


@st.cache_data(show_spinner=False, max_entries=1000)
def _check_report(canonical: str, path: str, changed: float) -> CheckReport:
    found = inspector_client.check(json.loads(canonical), Home.resolve(path), _PATIENCE)
    if found is None:
        raise _NotYetError
    return found


def check_report(config: Config) -> CheckReport | None:
    """Return the cached check report of a config, or None while the inspector loads Keras."""
    try:
        return _check_report(config.canonical_json(), str(context().home.path), changed_at(config.dataset))
    except _NotYetError:
        return None


def refuse_impossible(config: Config) -> None:
    """Raise an error if the config cannot be trained; wait until the inspector has loaded Keras.

    Raises:
        ConfigError: the check found errors in the config.
        ResourceError: the inspector does not respond, or the home is not writable.
    """
    report = await_report(config)
    if report.refusal is not None:
        raise ConfigError(report.refusal)


def await_report(config: Config) -> CheckReport:
    """Return the check report of a config, after the inspector has loaded Keras.

    Raises:
        ResourceError: the inspector does not respond, or the home is not writable.
    """
    report = check_report(config)
    if report is None:
        ensure_inspector()
        with st.spinner("Loading Keras to check the network before the run is queued…"):
            report = _awaited(config)
    return report


def _awaited(config: Config) -> CheckReport:
    until = time.monotonic() + _LOADING_SECONDS
    while time.monotonic() < until:
        report = check_report(config)
        if report is not None:
            return report
        time.sleep(_LOOK_SECONDS)
    raise ResourceError(
        f"The run was not queued because the network could not be checked: Keras did not load within "
        f"{exact_duration(_LOADING_SECONDS)}. See {context().home.path / 'inspector.log'} and try again."
    )


# Kept across script runs: `poll` reaps an inspector that has ended, and Python warns about a process object that is
# dropped while its process runs.
@st.cache_resource(show_spinner=False)
def _inspectors(path: str) -> "list[subprocess.Popen[bytes]]":
    return []


def ensure_inspector() -> None:
    """Start an inspector unless one is running or a worker starts its own, which shares the worker's memory.

    Raises:
        ResourceError: the home is not writable.
    """
    home = context().home
    if worker_alive(home) or holder_of(home.up_lock) is not None:
        return
    kept = _inspectors(str(home.path))
    started = inspector_client.ensure_inspector(home)
    kept[:] = [process for process in kept if process.poll() is None] + ([started] if started else [])
