"""Addresses of pages in MLflow's own UI."""

import json
from collections.abc import Sequence
from urllib.parse import quote

from trainer.tracking.run import Run

__all__ = ["compare_url", "experiment_url", "run_url"]


def run_url(ui: str, run: Run) -> str:
    """Return the page of one run; `ui` is where MLflow's UI answers, such as `http://127.0.0.1:5000`."""
    return f"{experiment_url(ui, run.experiment_id)}/runs/{quote(run.run_id, safe='')}"


def compare_url(ui: str, runs: Sequence[Run]) -> str:
    """Return the page that compares runs."""
    ids = [run.run_id for run in runs]
    experiments = list(dict.fromkeys(run.experiment_id for run in runs))
    return f"{_root(ui)}/compare-runs?runs={_encoded(ids)}&experiments={_encoded(experiments)}"


def experiment_url(ui: str, experiment_id: str) -> str:
    """Return the page of one experiment."""
    return f"{_root(ui)}/experiments/{quote(experiment_id, safe='')}"


def _root(ui: str) -> str:
    return f"{ui.rstrip('/')}/#"


def _encoded(values: Sequence[str]) -> str:
    return quote(json.dumps(values, separators=(",", ":")), safe="")
