"""The controls above the curves, and the groups among the compared runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import state
from dashboard.charts.compare import Line, distinct
from dashboard.charts.places import Axis
from dashboard.components.directions import choose_directions
from dashboard.components.markdown import plain
from dashboard.state import CompareKey
from trainer.comparison import Basis, grouped_runs
from trainer.config import UNTOLD, Directions, MeasuredPart, MetricName, ranked_metrics
from trainer.format import count
from trainer.reproduce import one_a_seed
from trainer.statistics import Ends
from trainer.tracking import Run, Status, Tag

__all__ = ["Choice", "Group", "Labels", "choice", "groups_of"]

_AT_FIRST = 2

Labels = Mapping[str, str]
"""Run id → label."""


class Choice(NamedTuple):
    """The metrics to draw, and how.

    `smoothing` is from 0 to below 1; `log` and `log_x` make the axes logarithmic; with `by_group` each line is a group
    of runs, `ends` says which of them a mean is over beyond the end of the shortest, and `singles` draws each of them
    faintly; `directions` tell whether higher or lower is better.
    """

    metrics: tuple[str, ...]
    axis: Axis
    smoothing: float
    log: bool = False
    log_x: bool = False
    by_group: bool = False
    ends: Ends = Ends.ALL
    singles: bool = True
    directions: Directions = UNTOLD


class Group(NamedTuple):
    """Runs that differ only in the seed, one per seed, and the line that stands for them."""

    line: Line
    runs: tuple[Run, ...]


def groups_of(
    runs: Sequence[Run], lines: Sequence[Line], bases: Mapping[str, Basis], named: Callable[[Sequence[Run]], Labels]
) -> list[Group]:
    """Return the groups among the runs, each drawn as its first run. Of a run and its reruns, a finished one counts.

    Runs that trained on different data, even from the same path, are in different groups.

    Args:
        runs: the compared runs.
        lines: how each run is drawn; a group is drawn as its first run, in another colour if that one is taken.
        bases: run id → the data it trained on; a run with unknown data joins the first group that it fits.
        named: returns the labels of the groups' first runs.
    """
    drawn = {line.run_id: line for line in lines}
    parted = grouped_runs(runs, bases)
    labels = named([some[0] for some in parted])
    firsts = distinct([drawn[some[0].run_id] for some in parted], [run.run_id for run in runs if run.color])
    found = []
    for line, some in zip(firsts, parted, strict=True):
        # Finished runs first, since `one_a_seed` keeps the first run of each seed.
        counted = one_a_seed(sorted(some, key=lambda run: run.status is not Status.FINISHED))
        label = labels[some[0].run_id]
        words = f"{label}, {count(len(counted))} runs" if len(counted) > 1 else label
        found.append(Group(line._replace(label=words), counted))
    return found


def choice(runs: Sequence[Run], awaited: Sequence[str] = ()) -> Choice:
    """Draw the controls; `awaited` metrics can be chosen before they are logged."""
    names = {name for run in runs for name in run.metrics} | set(awaited)
    options = [*ranked_metrics(names), *sorted(name for name in names if not MetricName.of(name).is_result)]
    # Streamlit (1.67) silently drops values in the address that are not among the options.
    asked = [name for name in state.asked(CompareKey.METRICS) if name not in names]
    if asked:
        words = plain(" or ".join(f"“{name}”" for name in asked))
        st.warning(f"None of these runs has the metric {words}.", icon=":material/search_off:")
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="compare-controls"):
        metrics = _metrics(options, asked)
        axis = st.segmented_control(
            "X axis", list(Axis), default=Axis.EPOCH, key=CompareKey.AXIS, bind="query-params", required=True,
            help="Completed epochs; steps as they were logged; seconds since the start; or the time of day.",
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
            log_x = st.toggle(
                "Log x axis", key=CompareKey.LOG_X, bind="query-params",
                help="Logarithmic x axis, which leaves out points at 0. A time of day keeps a linear one.",
            )  # fmt: skip
        grouping = _grouping() if _has_repeats(runs) else _Grouping()
        with st.popover(
            "Better", icon=":material/swap_vert:", help="Whether higher or lower values of a metric are better."
        ):
            directions = choose_directions(names)
    return Choice(tuple(metrics), Axis(axis or Axis.EPOCH), smoothing, log, log_x, *grouping, directions)


class _Grouping(NamedTuple):
    by_group: bool = False
    ends: Ends = Ends.ALL
    singles: bool = True


def _grouping() -> _Grouping:
    """Draw the controls of groups."""
    with st.container(width="content", gap="xsmall"):
        by_group = st.toggle(
            "By group", key=CompareKey.GROUPS, bind="query-params",
            help="Draws repeats of a config (other seeds, or also other splits or folds) as one line: "
            "their mean and its 95 % interval.",
        )  # fmt: skip
        singles = by_group and st.toggle(
            "Single runs", value=True, key=CompareKey.SINGLES, bind="query-params",
            help="Draws each run of a group faintly.",
        )  # fmt: skip
    if not by_group:
        return _Grouping()
    ends = st.selectbox(
        "Mean over", list(Ends), key=CompareKey.ENDS, bind="query-params", width=210,
        help="For groups whose runs have unequal lengths: draw the mean only as far as all runs go; carry "
        "forward the last value of each run that has ended; or average only the remaining runs, so that the mean jumps "
        "where a run ends.",
    )  # fmt: skip
    return _Grouping(by_group, Ends(ends or Ends.ALL), singles)


def _metrics(options: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Draw the select box of metrics and return its choice.

    A multiselect that was drawn without options keeps its empty choice when options appear, so another one stands in.
    """
    if not (options or asked):
        st.multiselect("Metrics", [], key="compare.no_metrics", placeholder="Nothing logged yet", disabled=True)
        return []
    return st.multiselect(
        "Metrics", [*options, *asked], default=_at_first(options), key=CompareKey.METRICS, bind="query-params",
        placeholder="Choose metrics",
    )  # fmt: skip


def _at_first(options: Sequence[str]) -> list[str]:
    """Return the first metrics that have curves; of two names for one metric (`val_loss`, `validation_loss`), one."""
    parted = {name: MetricName.of(name) for name in options}
    courses = [name for name in options if parted[name].part is not MeasuredPart.TEST]
    once: dict[tuple[MeasuredPart, str], str] = {}
    for name in courses or options:
        once.setdefault((parted[name].part, parted[name].base), name)
    return list(once.values())[:_AT_FIRST]


def _has_repeats(runs: Sequence[Run]) -> bool:
    groups = [run.tags[Tag.GROUP] for run in one_a_seed(runs) if Tag.GROUP in run.tags]
    return len(set(groups)) < len(groups)
