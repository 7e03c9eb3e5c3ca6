"""What is known of the search space on Build before it is searched: a look at some of its configs, and their times."""

import json
import subprocess

import streamlit as st

from dashboard.loaders.checks import check_report
from dashboard.loaders.context import context, reader
from dashboard.loaders.datasets import changed_at
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.config.search import SweepFile
from trainer.config.search.space import parse_space
from trainer.config.serialization import parse_config
from trainer.errors import ConfigError
from trainer.execution.timing import seconds_of, start_measuring, to_measure
from trainer.sweeps.preview import Preview, preview
from trainer.sweeps.records import is_sweep, sweep_file_of
from trainer.tracking import Run

__all__ = ["measure", "space_preview", "sweep_of", "trial_seconds", "was_measured"]


class _NotYetError(Exception):
    """Raised inside a cached function, since Streamlit caches return values but no exceptions."""


def space_preview(sweep: SweepFile) -> Preview | str | None:
    """Return what the checks of some configs found; why none of them can be trained; None while Keras is loading."""
    try:
        # Without the settings, which change nothing of the space.
        domains = json.dumps(sweep.domains())
        return _preview(sweep.config.canonical_json(), domains, changed_at(sweep.config.dataset))
    except _NotYetError:
        return None


def sweep_of(run: Run) -> SweepFile | None:
    """Return the sweep of a run; None if it is the run of a config.

    Raises:
        ConfigError: this version cannot read it.
        StoreError: the store cannot be read.
    """
    return sweep_file_of(reader(), run) if is_sweep(run) else None


@st.cache_data(show_spinner=False, max_entries=200)
def _preview(canonical: str, domains: str, changed: float) -> Preview | str:
    space = parse_space(parse_config(json.loads(canonical)), json.loads(domains))
    try:
        return preview(space, _checked)
    except ConfigError as error:
        return str(error)


def _checked(config: Config) -> CheckReport:
    found = check_report(config)
    if found is None:
        raise _NotYetError
    return found


def trial_seconds(found: Preview) -> list[float] | None:
    """Return the seconds that some of the space's configs take to train; None while they have not been measured."""
    return seconds_of(context().home, to_measure(found.trainable))


def was_measured(found: Preview) -> bool:
    """Return whether a process has ended that was to measure this space, whatever came of it."""
    return _key(found) in _tried(_home()) and not _is_measuring()


def measure(found: Preview, *, jobs: int) -> None:
    """Start to measure a space once, unless that or another measurement is under way.

    Raises:
        ResourceError: the home cannot be written.
    """
    tried, key = _tried(_home()), _key(found)
    if not _is_measuring() and key not in tried:
        tried.add(key)
        _processes(_home()).append(start_measuring(context().home, to_measure(found.trainable), jobs=jobs))


def _is_measuring() -> bool:
    """Return whether a process that was started here is measuring; those that have ended are reaped."""
    kept = _processes(_home())
    kept[:] = [process for process in kept if process.poll() is None]
    return bool(kept)


def _key(found: Preview) -> str:
    return json.dumps([config.digest for config in to_measure(found.trainable)])


def _home() -> str:
    return str(context().home.path)


# Kept across script runs, as the inspectors are: Python warns about a process object that is dropped while it runs.
@st.cache_resource(show_spinner=False)
def _processes(path: str) -> "list[subprocess.Popen[bytes]]":
    return []


@st.cache_resource(show_spinner=False)
def _tried(path: str) -> set[str]:
    return set()
