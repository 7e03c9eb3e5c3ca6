"""What is above the curves: the runs with their colours, and what is drawn of them how."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import state
from dashboard.charts.compare import Axis, Line
from dashboard.components.basis import Basis
from dashboard.components.directions import choose_directions
from dashboard.components.markdown import plain
from dashboard.navigation import RUN, link
from dashboard.state import CompareKey
from dashboard.views.compare.tables import run_mark
from trainer.config import UNTOLD, Directions, MeasuredPart, MetricName, ranked_metrics
from trainer.reproduce import one_a_seed
from trainer.tracking import Run, Status, Tag

__all__ = ["Choice", "Group", "choice", "groups_of", "legend"]

_AT_FIRST = 2
_FEW_RUNS = 10


class Choice(NamedTuple):
    """What to draw: metrics, across what, how smooth (0 to below 1), whether a line is a group; which way is better."""

    metrics: tuple[str, ...]
    axis: Axis
    smoothing: float
    by_group: bool = False
    directions: Directions = UNTOLD


def legend(lines: Sequence[Line], icons: Mapping[str, str]) -> str | None:
    """The runs as they are drawn, each a link to its page; the id of the one that was taken out just now.

    `icons` say by a run's id how it stands.
    """
    if len(lines) > _FEW_RUNS:
        return _short_legend(lines, icons)
    removed = None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for line in lines:
            with st.container(horizontal=True, gap=None, width="content", vertical_alignment="center"):
                label = f"{run_mark(line)} {icons[line.run_id]}"
                link(RUN, label=label, icon="", query_params={"id": line.run_id}, width="content")
                if st.button(
                    "", icon=":material/close:", type="tertiary", key=f"compare.remove.{line.run_id}",
                    help="Take this run out of the comparison.",
                ):  # fmt: skip
                    removed = line.run_id
    return removed


def _short_legend(lines: Sequence[Line], icons: Mapping[str, str]) -> str | None:
    """Many runs in two elements: a hundred would take the browser seconds."""
    marks = "\u2002 ".join(f"[{run_mark(line)}]({RUN.path}?id={line.run_id}) {icons[line.run_id]}" for line in lines)
    st.markdown(f":small[{marks}]")
    labels = {line.run_id: line.label for line in lines}
    removed: str | None = st.selectbox(
        "Take a run out", list(labels), index=None, format_func=lambda run_id: labels.get(run_id, run_id),
        key=CompareKey.TAKE_OUT, placeholder="Take a run out", label_visibility="collapsed", width=260,
    )  # fmt: skip
    return removed


class Group(NamedTuple):
    """Runs that differ in the seed alone, one a seed, and how they are drawn together."""

    line: Line
    runs: tuple[Run, ...]


def groups_of(runs: Sequence[Run], lines: Sequence[Line], bases: Mapping[str, Basis]) -> list[Group]:
    """Each group among the runs, drawn as its first run; of a run and its reruns one that finished counts.

    Runs that learned from other data, though from a file of the same path, are another group. `bases` say that by a
    run's id; a run of which it is not known goes with the first that it can go with.
    """
    drawn = {line.run_id: line for line in lines}
    order = {run.run_id: place for place, run in enumerate(runs)}
    members: dict[tuple[str, object], list[Run]] = {}
    for run in sorted(runs, key=lambda run: bases[run.run_id].data is None):
        group, data = run.tags.get(Tag.GROUP, run.run_id), bases[run.run_id].data
        known = next((key for key in members if key[0] == group), (group, data))
        members.setdefault(known if data is None else (group, data), []).append(run)
    found = []
    for each in sorted(sorted(order[run.run_id] for run in some) for some in members.values()):
        group_runs = [runs[place] for place in each]
        counted = one_a_seed(sorted(group_runs, key=lambda run: run.status is not Status.FINISHED))
        line = drawn[group_runs[0].run_id]
        label = f"{line.label}, {len(counted)} runs" if len(counted) > 1 else line.label
        found.append(Group(line._replace(label=label), counted))
    return found


def choice(runs: Sequence[Run], awaited: Sequence[str] = ()) -> Choice:
    """Draws the choice of metrics, axis and smoothing; `awaited` metrics can be chosen before they come."""
    names = {name for run in runs for name in run.metrics} | set(awaited)
    options = [*ranked_metrics(names), *sorted(name for name in names if not MetricName.of(name).is_result)]
    # Streamlit would drop what the address asks for besides the options, without a word.
    asked = [name for name in state.asked(CompareKey.METRICS) if name not in names]
    if asked:
        words = plain(", ".join(f"“{name}”" for name in asked))
        st.warning(f"No run has a metric {words}.", icon=":material/search_off:")
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        metrics = _metrics(options, asked)
        axis = st.segmented_control(
            "Across", list(Axis), default=Axis.EPOCH, key=CompareKey.AXIS, bind="query-params", required=True,
        )  # fmt: skip
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key=CompareKey.SMOOTHING, bind="query-params", width=190,
            help="An exponential moving average: the share of the past in each point. The logged values stay, faintly.",
        )  # fmt: skip
        by_group = _has_repeats(runs) and st.toggle(
            "By group", key=CompareKey.GROUPS, bind="query-params",
            help="Runs that differ in the seed alone as one: their mean, and where it lies with 95 %.",
        )  # fmt: skip
        with st.popover("Better", icon=":material/swap_vert:", help="Which way metrics are better, for the ★."):
            directions = choose_directions(names)
    return Choice(tuple(metrics), Axis(axis or Axis.EPOCH), smoothing, by_group, directions)


def _metrics(options: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The chosen metrics. A widget drawn without options would hold on to none when they come, so another stands in."""
    if not (options or asked):
        st.multiselect("Metrics", [], key="compare.no_metrics", placeholder="Nothing is logged yet", disabled=True)
        return []
    return st.multiselect(
        "Metrics", [*options, *asked], default=_at_first(options), key=CompareKey.METRICS, bind="query-params",
        placeholder="Choose what to draw",
    )  # fmt: skip


def _at_first(options: Sequence[str]) -> list[str]:
    """The first that have a course; of one thing under two names, as `val_loss` and `validation_loss`, the first."""
    parted = {name: MetricName.of(name) for name in options}
    courses = [name for name in options if parted[name].part is not MeasuredPart.TEST]
    once: dict[tuple[MeasuredPart, str], str] = {}
    for name in courses or options:
        once.setdefault((parted[name].part, parted[name].base), name)
    return list(once.values())[:_AT_FIRST]


def _has_repeats(runs: Sequence[Run]) -> bool:
    groups = [run.tags[Tag.GROUP] for run in one_a_seed(runs) if Tag.GROUP in run.tags]
    return len(set(groups)) < len(groups)
