"""The controls above the curves, and the groups among the compared runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import state
from dashboard.charts.compare import Axis, Line
from dashboard.components.directions import choose_directions
from dashboard.components.markdown import plain
from dashboard.state import CompareKey
from trainer.comparison import Basis, grouped_runs
from trainer.config import UNTOLD, Directions, MeasuredPart, MetricName, ranked_metrics
from trainer.format import count
from trainer.reproduce import one_a_seed
from trainer.tracking import Run, Status, Tag

__all__ = ["Choice", "Group", "Labels", "choice", "groups_of"]

_AT_FIRST = 2

Labels = Mapping[str, str]
"""Run id → label."""


class Choice(NamedTuple):
    """Which metrics to draw, and how.

    `smoothing` is from 0 to below 1; with `by_group` a line is a group of runs; `directions` say which way is better.
    """

    metrics: tuple[str, ...]
    axis: Axis
    smoothing: float
    log: bool = False
    by_group: bool = False
    directions: Directions = UNTOLD


class Group(NamedTuple):
    """Runs that differ only in the seed, one per seed, and how they are drawn together."""

    line: Line
    runs: tuple[Run, ...]


def groups_of(
    runs: Sequence[Run], lines: Sequence[Line], bases: Mapping[str, Basis], named: Callable[[Sequence[Run]], Labels]
) -> list[Group]:
    """Return the groups among the runs, each drawn as its first run; of a run and its reruns one that finished counts.

    Runs that trained on different data, even from a file of the same path, are different groups.

    Args:
        runs: what is compared.
        lines: how each run is drawn.
        bases: run id → the data it trained on; a run for which that is unknown joins the first group that it fits.
        named: labels the first runs of the groups.
    """
    drawn = {line.run_id: line for line in lines}
    parted = grouped_runs(runs, bases)
    labels = named([some[0] for some in parted])
    found = []
    for some in parted:
        counted = one_a_seed(sorted(some, key=lambda run: run.status is not Status.FINISHED))
        line, label = drawn[some[0].run_id], labels[some[0].run_id]
        words = f"{label}, {count(len(counted))} runs" if len(counted) > 1 else label
        found.append(Group(line._replace(label=words), counted))
    return found


def choice(runs: Sequence[Run], awaited: Sequence[str] = ()) -> Choice:
    """Draw the controls; `awaited` metrics can be chosen before they are logged."""
    names = {name for run in runs for name in run.metrics} | set(awaited)
    options = [*ranked_metrics(names), *sorted(name for name in names if not MetricName.of(name).is_result)]
    # Streamlit would silently drop what the address asks for besides the options.
    asked = [name for name in state.asked(CompareKey.METRICS) if name not in names]
    if asked:
        words = plain(" or ".join(f"“{name}”" for name in asked))
        st.warning(f"None of these runs has the metric {words}.", icon=":material/search_off:")
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="compare-controls"):
        metrics = _metrics(options, asked)
        axis = st.segmented_control(
            "X axis", list(Axis), default=Axis.EPOCH, key=CompareKey.AXIS, bind="query-params", required=True,
        )  # fmt: skip
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key=CompareKey.SMOOTHING, bind="query-params", width=190,
            help="Exponential moving average: weight of the earlier values. Logged values are drawn faintly.",
        )  # fmt: skip
        with st.container(width="content", gap="xsmall"):
            log = st.toggle(
                "Log scale", key=CompareKey.LOG, bind="query-params",
                help="Logarithmic y axis. Charts with values of 0 or less keep a linear one.",
            )  # fmt: skip
            by_group = _has_repeats(runs) and st.toggle(
                "By group", key=CompareKey.GROUPS, bind="query-params",
                help="Draws runs that differ only in the seed as one line: their mean and its 95 % interval.",
            )  # fmt: skip
        with st.popover(
            "Better", icon=":material/swap_vert:", help="Whether higher or lower values of a metric are better."
        ):
            directions = choose_directions(names)
    return Choice(tuple(metrics), Axis(axis or Axis.EPOCH), smoothing, log, by_group, directions)


def _metrics(options: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return the chosen metrics.

    A multiselect that was drawn without options keeps its empty choice when they come, so another one stands in.
    """
    if not (options or asked):
        st.multiselect("Metrics", [], key="compare.no_metrics", placeholder="Nothing logged yet", disabled=True)
        return []
    return st.multiselect(
        "Metrics", [*options, *asked], default=_at_first(options), key=CompareKey.METRICS, bind="query-params",
        placeholder="Choose metrics",
    )  # fmt: skip


def _at_first(options: Sequence[str]) -> list[str]:
    """The first metrics with a history; of two names for one thing, as `val_loss` and `validation_loss`, the first."""
    parted = {name: MetricName.of(name) for name in options}
    courses = [name for name in options if parted[name].part is not MeasuredPart.TEST]
    once: dict[tuple[MeasuredPart, str], str] = {}
    for name in courses or options:
        once.setdefault((parted[name].part, parted[name].base), name)
    return list(once.values())[:_AT_FIRST]


def _has_repeats(runs: Sequence[Run]) -> bool:
    groups = [run.tags[Tag.GROUP] for run in one_a_seed(runs) if Tag.GROUP in run.tags]
    return len(set(groups)) < len(groups)
