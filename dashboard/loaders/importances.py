"""Importances of settings, cached: a thousand forests take seconds."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.loaders.context import context
from trainer.statistics import Importance, importances

__all__ = ["importances_of"]


# Of finished runs only, whose params and kept metrics no longer change.
@st.cache_data(show_spinner="Computing importances…", max_entries=50)
def _importances(
    tracking_uri: str,
    run_ids: tuple[str, ...],
    metric: str,
    settings: tuple[str, ...],
    _params: Sequence[Mapping[str, str]],
    _values: Sequence[float],
) -> tuple[Importance, ...] | None:
    return importances(_params, _values)


def importances_of(
    metric: str, run_ids: Sequence[str], params: Sequence[Mapping[str, str]], values: Sequence[float]
) -> tuple[Importance, ...] | None:
    """Return the importances of params for a metric, largest first; None as in `trainer.statistics.importances`.

    Args:
        metric: the metric's name.
        run_ids: finished runs.
        params: the params of each run that count.
        values: the metric of each run.
    """
    names = tuple(sorted({name for each in params for name in each}))
    return _importances(context().tracking_uri, tuple(run_ids), metric, names, params, values)
