"""Predictions of the test part, cached, and differences of two networks: their bootstrap takes tenths of a second."""

import streamlit as st

from dashboard.loaders.context import context, reader
from trainer.comparison import network_difference, predictions_of
from trainer.statistics import Difference
from trainer.tracking import Run
from trainer.tracking.predictions import Predictions

__all__ = ["difference_of_networks", "kept_predictions"]


# Of finished runs only, whose predictions and metrics no longer change.
@st.cache_resource(show_spinner=False, max_entries=16)
def _predictions(tracking_uri: str, run_id: str, _run: Run) -> Predictions | None:
    return predictions_of(reader(), _run)


@st.cache_resource(show_spinner=False, max_entries=500)
def _difference(tracking_uri: str, metric: str, ids: tuple[str, str], _runs: tuple[Run, Run]) -> Difference | None:
    first, second = ((run, _predictions(tracking_uri, run.run_id, run)) for run in _runs)
    return network_difference(metric, first, second)


def difference_of_networks(metric: str, first: Run, second: Run) -> Difference | None:
    """Return the difference of two finished runs' networks in a metric, first minus second; None if not comparable.

    Raises:
        StoreError: the predictions cannot be read.
    """
    return _difference(context().tracking_uri, metric, (first.run_id, second.run_id), (first, second))


def kept_predictions(run: Run) -> Predictions | None:
    """Return the predictions that a finished run kept; None if it kept none or they cannot be read.

    Raises:
        StoreError: the store does not respond.
    """
    return _predictions(context().tracking_uri, run.run_id, run)
