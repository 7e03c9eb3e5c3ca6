"""The cache of what the inspector says of configs, keyed by the config and by its data."""

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

__all__ = ["check_report", "ensure_inspector", "refuse_impossible"]

_PATIENCE = 1.0
"""Seconds that a page waits for the inspector before it draws itself without an answer."""


_LOADING_SECONDS = 60.0
"""So long a press on Train waits for Keras, which loads in about ten seconds."""
_LOOK_SECONDS = 0.2


class _NotYetError(Exception):
    """Raised through a cache, which keeps answers and not errors."""


@st.cache_data(show_spinner=False, max_entries=1000)
def _check_report(canonical: str, path: str, changed: float) -> CheckReport:
    found = inspector_client.check(json.loads(canonical), Home.resolve(path), _PATIENCE)
    if found is None:
        raise _NotYetError
    return found


def check_report(config: Config) -> CheckReport | None:
    """What the inspector says of a config, asked once; None while Keras loads in it."""
    try:
        return _check_report(config.canonical_json(), str(context().home.path), changed_at(config.dataset))
    except _NotYetError:
        return None


def refuse_impossible(config: Config) -> None:
    """Refuses a config of which no run can be made; waits until Keras has loaded in the inspector.

    Raises:
        ConfigError: the check found errors.
        ResourceError: the inspector does not answer, or home cannot be written.
    """
    report = check_report(config)
    if report is None:
        ensure_inspector()
        with st.spinner("Keras is loading; the network is checked before it is queued…"):
            report = _awaited(config)
    if report.refusal is not None:
        raise ConfigError(report.refusal)


def _awaited(config: Config) -> CheckReport:
    until = time.monotonic() + _LOADING_SECONDS
    while time.monotonic() < until:
        report = check_report(config)
        if report is not None:
            return report
        time.sleep(_LOOK_SECONDS)
    raise ResourceError(
        f"The network was not checked, so it was not queued: Keras has not loaded within "
        f"{exact_duration(_LOADING_SECONDS)}; "
        f"{context().home.path / 'inspector.log'} may say why."
    )


@st.cache_resource(show_spinner=False)
def _inspectors(path: str) -> "list[subprocess.Popen[bytes]]":
    return []


def ensure_inspector() -> None:
    """Starts an inspector where none lives and no worker brings one: that one shares its memory with the worker.

    Raises:
        ResourceError: home cannot be written.
    """
    home = context().home
    if worker_alive(home) or holder_of(home.up_lock) is not None:
        return
    kept = _inspectors(str(home.path))
    started = inspector_client.ensure_inspector(home)
    kept[:] = [process for process in kept if process.poll() is None] + ([started] if started else [])
