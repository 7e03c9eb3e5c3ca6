"""The curves of the compared runs or groups, and what is said below them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from dashboard import loaders
from dashboard.charts.compare import Axis, CompareInfo, Line, compare_figure, compare_info
from dashboard.charts.groups import GroupsInfo, groups_figure, groups_info
from dashboard.components.live_chart import live_charts
from dashboard.components.markdown import plain
from dashboard.views.compare.controls import Choice, Group
from dashboard.views.compare.tables import run_mark
from trainer.format import count
from trainer.statistics import count_words
from trainer.tracking import Run, Series
from trainer.tracking.steps import by_epochs

__all__ = ["Histories", "draw_curves", "draw_group_curves", "histories", "steps_words"]


class Histories(NamedTuple):
    """Metric → run id → history, by epochs where it is known what the steps are.

    `moved` are the ids of runs whose steps were counted otherwise, `unknown` those of which it is not known, with the
    metrics of which that is so.
    """

    series: Mapping[str, Mapping[str, Series]]
    moved: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]

    def unit(self, metric: str) -> str:
        """What the steps of a metric are."""
        return "step" if any(metric in names for names in self.unknown.values()) else "epoch"


def histories(runs: Sequence[Run], logged: Mapping[str, Mapping[str, Series]], metrics: Sequence[str]) -> Histories:
    """The histories of these metrics, laid beside each other.

    Args:
        runs: what is compared.
        logged: run id → metric → history as it was logged.
        metrics: their names.
    """
    series: dict[str, dict[str, Series]] = {metric: {} for metric in metrics}
    moved: list[str] = []
    unknown: dict[str, tuple[str, ...]] = {}
    for run in runs:
        for metric, history in logged.get(run.run_id, {}).items():
            known = by_epochs(run, history)
            series[metric][run.run_id] = history if known is None else known
            if known is None:
                unknown[run.run_id] = (*unknown.get(run.run_id, ()), metric)
            elif known is not history:
                moved.append(run.run_id)
    return Histories(series, tuple(dict.fromkeys(moved)), unknown)


def draw_curves(runs: Sequence[Run], drawn: Sequence[Line], chosen: Choice) -> None:
    """A chart for each chosen metric with a line for each run."""
    found = histories(runs, loaders.metric_curves(runs, chosen.metrics), chosen.metrics)
    infos = [
        compare_info(metric, series, drawn, axis=chosen.axis, smoothing=chosen.smoothing, starts=_starts(runs))
        for metric, series in found.series.items()
    ]
    _draw({info.metric: compare_figure(info, unit=found.unit(info.metric)) for info in infos})
    _say(_points_words(infos), found, drawn, chosen)


def draw_group_curves(runs: Sequence[Run], groups: Sequence[Group], drawn: Sequence[Line], chosen: Choice) -> None:
    """The same with a line for each group; `drawn` has one for each run."""
    found = histories(runs, loaders.metric_curves(runs, chosen.metrics), chosen.metrics)
    members = [(group.line, [run.run_id for run in group.runs]) for group in groups]
    infos = [
        groups_info(metric, series, members, axis=chosen.axis, smoothing=chosen.smoothing, starts=_starts(runs))
        for metric, series in found.series.items()
    ]
    _draw({info.metric: groups_figure(info, unit=found.unit(info.metric)) for info in infos})
    _say(_bands_words(infos, groups, found), found, drawn, chosen)


def _draw(figures: Mapping[str, go.Figure]) -> None:
    if figures:
        live_charts(figures, key="compare.charts")


def _say(words: str, found: Histories, drawn: Sequence[Line], chosen: Choice) -> None:
    names = {line.run_id: line.label for line in drawn}
    st.caption(" ".join([words, *steps_words(found, names, chosen.axis)]))


def _starts(runs: Sequence[Run]) -> dict[str, int]:
    return {run.run_id: run.started_at for run in runs if run.started_at is not None}


def steps_words(found: Histories, names: Mapping[str, str], axis: Axis) -> list[str]:
    """What was done to steps of other programs, and what is not known of them, in Markdown; nothing by time."""
    if axis is Axis.TIME:
        return []

    def named(run_ids: Sequence[str]) -> str:
        return (
            "of all runs" if len(run_ids) == len(names) else f"of {plain(', '.join(names[each] for each in run_ids))}"
        )

    said = []
    if found.moved:
        said.append(f"The epochs {named(found.moved)} were logged from 0 and are shown from 1.")
    strange = [run_id for run_id in found.unknown if run_id not in found.moved]
    if strange:
        said.append(f"It is not known what the steps {named(strange)} are; they are shown as they were logged.")
    others = dict.fromkeys(name for run_id in found.moved for name in found.unknown.get(run_id, ()))
    if others:
        metrics = plain(", ".join(others))
        said.append(f"It is not known what their steps of {metrics} are; these are shown as they were logged.")
    return said


def _points_words(infos: Sequence[CompareInfo]) -> str:
    points, drawn = sum(info.points for info in infos), sum(info.drawn for info in infos)
    if not points:
        return "The curves begin with the first epoch." if infos else "No metric is chosen."
    words = f"{count(points)} point{'' if points == 1 else 's'}"
    return f"{words}." if drawn >= points else f"{words}; {count(drawn)} are drawn, with every peak and dip among them."


def _bands_words(infos: Sequence[GroupsInfo], groups: Sequence[Group], found: Histories) -> str:
    """Over how many runs each line is, and where that falls, in Markdown."""
    said = []
    for group in groups:
        bands = [(band, found.unit(info.metric)) for info in infos for band in info.bands if band.line == group.line]
        counted = dict.fromkeys(count_words(band.ends, unit) for band, unit in bands)
        said.append(f"{run_mark(group.line)}: {' or '.join(counted) or 'n 0'}")
    across = (
        f" Each {found.unit(infos[0].metric)} stands at the mean of its times."
        if infos and infos[0].axis is Axis.TIME
        else ""
    )
    return (
        f"{' · '.join(said)}. A line is the mean as far as all its runs go, its band holds the mean with 95 % by "
        f"Student’s t; faint lines are runs.{across}"
    )
