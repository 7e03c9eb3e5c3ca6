"""Columns with a value of a metric other than the last: `metrics.val_accuracy@best:val_loss`."""

from collections.abc import Collection, Iterable, Sequence

import streamlit as st

from dashboard import loaders, state
from dashboard.state import RunsKey
from dashboard.views.runs.columns import METRIC, value_of_column
from trainer.config import Directions, MeasuredPart, MetricName, ranked_metrics
from trainer.errors import ConfigError
from trainer.tracking import DEFAULT_WEIGHT, MetricValue, Reading, Run, Series, undirected_metric, values_of

__all__ = ["choose_value", "read_values", "unreadable", "value_problems"]

_LABELS = {
    Reading.BEST: "Best",
    Reading.AT_BEST: "At the best epoch of …",
    Reading.STEP: "At a step",
    Reading.SMOOTHED: "Smoothed last value",
    Reading.KEPT: "Kept weights",
    Reading.LAST: "Last",
}
_HELP = (
    "Best: the best finite value of the run, in the direction chosen under Better. Choosing the best makes it a "
    "slightly optimistic estimate; to compare runs, read every metric at the best epoch of one validation "
    "metric. At a step: Fitboard's steps are epochs, from 1. Smoothed: the exponential moving average of all values. "
    "Kept weights: the value at the epoch whose weights the run kept."
)


def choose_value(metrics: Sequence[str]) -> None:
    """Draw the choice of a value of one of these metrics, and the button that adds it to the columns."""
    if not metrics:
        return
    validation = [name for name in ranked_metrics(metrics) if MetricName.of(name).part is MeasuredPart.VALIDATION]
    metrics = list(dict.fromkeys([*validation, *ranked_metrics(metrics), *metrics]))
    st.caption("Add a value of a metric other than its last.", help=_HELP)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width=420):
        metric = st.selectbox("Metric", metrics, key=RunsKey.VALUE_METRIC, width=200)
        reading = st.selectbox(
            "Value", list(_LABELS), format_func=_LABELS.__getitem__, key=RunsKey.VALUE_READING, width=200
        )
        value = MetricValue(metric=metric, reading=Reading(reading))
        if reading == Reading.AT_BEST:
            # The loss comes last of those of the validation data.
            place = max(0, len(validation) - 1)
            other = st.selectbox("Best epoch of", metrics, index=place, key=RunsKey.VALUE_OTHER, width=200)
            # At its own best epoch, a metric has its best value.
            value = MetricValue.parse(f"{metric}@best:{other}")
        if reading == Reading.STEP:
            step = st.number_input("Step", min_value=0, value=1, key=RunsKey.VALUE_STEP, width=200)
            value = MetricValue(metric=metric, reading=Reading.STEP, step=int(step))
        if reading == Reading.SMOOTHED:
            weight = st.number_input(
                "Smoothing", min_value=0.0, max_value=0.999, value=DEFAULT_WEIGHT, step=0.05, format="%.3f",
                key=RunsKey.VALUE_WEIGHT, width=200, help="The weight of earlier values, from 0 to below 1.",
            )  # fmt: skip
            value = MetricValue(metric=metric, reading=Reading.SMOOTHED, weight=round(float(weight), 3))
        st.button("Add column", icon=":material/add:", on_click=_add, args=[METRIC + str(value)], key="runs.value.add")


def _add(column: str) -> None:
    state.follow(RunsKey.COLUMNS, list(dict.fromkeys([*(state.typed(RunsKey.COLUMNS) or ()), column])))


def unreadable(columns: Iterable[str]) -> dict[str, str]:
    """Return column → what is wrong with it, of the columns that name a value that does not exist."""
    found = {}
    for column in columns:
        try:
            value_of_column(column)
        except ConfigError as error:
            found[column] = str(error)
    return found


def value_problems(
    columns: Iterable[str], known: Collection[tuple[str, str]], directions: Directions
) -> tuple[str, ...]:
    """Return a sentence for each metric of these columns that no run has, or whose direction has to be chosen.

    Args:
        columns: readable ones; others than values of metrics are ignored.
        known: every (kind, name) in the store.
        directions: the directions in which metrics improve.
    """
    found: list[str] = []
    for value in filter(None, map(value_of_column, columns)):
        missing = value.unknown(known)
        found += missing
        undirected = undirected_metric(value, directions)
        if undirected and not missing:
            found.append(
                f"Whether higher or lower values of “{undirected}” are better is unknown; choose it under Better to "
                f"show “{value.label}”."
            )
    return tuple(dict.fromkeys(found))


def read_values(runs: Sequence[Run], columns: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return run id → column → value, of the columns that are values of metrics."""
    asked = {column: value for column in columns if (value := value_of_column(column)) is not None}
    by_id = {run.run_id: run for run in runs}

    def read(run_ids: Sequence[str], metrics: Sequence[str]) -> dict[str, dict[str, Series]]:
        return loaders.metric_curves([by_id[run_id] for run_id in run_ids], metrics)

    return values_of(runs, asked, state.directions(), read) if asked else {}
