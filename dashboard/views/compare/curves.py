"""The charts of the compared runs or groups, and the caption below them."""

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
from trainer.format import count, counted, is_finite
from trainer.statistics import count_words
from trainer.tracking import Run, Series
from trainer.tracking.steps import by_epochs

__all__ = ["Histories", "draw_curves", "draw_group_curves", "histories", "steps_words"]


class Histories(NamedTuple):
    """Metric → run id → history, by epoch if the steps are known to be epochs.

    `moved` are the ids of runs whose epochs were logged from 0. `unknown` maps the ids of runs to the metrics whose
    steps have an unknown unit.
    """

    series: Mapping[str, Mapping[str, Series]]
    moved: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]

    def unit(self, metric: str) -> str:
        """Return the unit of a metric's steps."""
        return "step" if any(metric in names for names in self.unknown.values()) else "epoch"


def histories(runs: Sequence[Run], logged: Mapping[str, Mapping[str, Series]], metrics: Sequence[str]) -> Histories:
    """Align the histories of these metrics by epoch.

    Args:
        runs: the compared runs.
        logged: run id → metric → history as it was logged.
        metrics: the names of the metrics.
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
            # `by_epochs` returns the same object unless it shifts the steps.
            elif known is not history:
                moved.append(run.run_id)
    return Histories(series, tuple(dict.fromkeys(moved)), unknown)


def draw_curves(runs: Sequence[Run], drawn: Sequence[Line], chosen: Choice) -> None:
    """Draw a chart per chosen metric with a line per run."""
    found = histories(runs, loaders.metric_curves(runs, chosen.metrics), chosen.metrics)
    infos = [
        compare_info(metric, series, drawn, axis=chosen.axis, smoothing=chosen.smoothing, starts=_starts(runs))
        for metric, series in found.series.items()
    ]
    log = _logarithmic(found, chosen)
    _draw({each.metric: compare_figure(each, unit=found.unit(each.metric), log_y=log[each.metric]) for each in infos})
    _say(_points_words(infos), found, drawn, chosen)


def draw_group_curves(runs: Sequence[Run], groups: Sequence[Group], drawn: Sequence[Line], chosen: Choice) -> None:
    """Draw a chart per chosen metric with a line per group; `drawn` has a line per run."""
    found = histories(runs, loaders.metric_curves(runs, chosen.metrics), chosen.metrics)
    members = [(group.line, [run.run_id for run in group.runs]) for group in groups]
    infos = [
        groups_info(metric, series, members, axis=chosen.axis, smoothing=chosen.smoothing, starts=_starts(runs))
        for metric, series in found.series.items()
    ]
    log = _logarithmic(found, chosen)
    _draw({each.metric: groups_figure(each, unit=found.unit(each.metric), log_y=log[each.metric]) for each in infos})
    _say(_bands_words(infos, groups, found), found, drawn, chosen)


def _draw(figures: Mapping[str, go.Figure]) -> None:
    if figures:
        live_charts(figures, key="compare.charts")


def _say(words: str, found: Histories, drawn: Sequence[Line], chosen: Choice) -> None:
    names = {line.run_id: line.label for line in drawn}
    linear = [metric for metric, is_log in _logarithmic(found, chosen).items() if chosen.log and not is_log]
    said = [f"Linear, since values of 0 or less have no logarithm: {plain(', '.join(linear))}."] if linear else []
    st.caption(" ".join([words, *said, *steps_words(found, names, chosen.axis)]))


def _logarithmic(found: Histories, chosen: Choice) -> dict[str, bool]:
    """Return metric → whether its y axis is logarithmic."""

    def has_logarithm(series: Mapping[str, Series]) -> bool:
        return all(value > 0 for each in series.values() for value in each.values if is_finite(value))

    return {metric: chosen.log and has_logarithm(series) for metric, series in found.series.items()}


def _starts(runs: Sequence[Run]) -> dict[str, int]:
    return {run.run_id: run.started_at for run in runs if run.started_at is not None}


def steps_words(found: Histories, names: Mapping[str, str], axis: Axis) -> list[str]:
    """Return sentences, in Markdown, on shifted epochs and steps of unknown unit; none for a time axis."""
    if axis is Axis.TIME:
        return []

    def named(run_ids: Sequence[str]) -> str:
        return (
            "of all runs" if len(run_ids) == len(names) else f"of {plain(', '.join(names[each] for each in run_ids))}"
        )

    said = []
    if found.moved:
        said.append(f"Epochs {named(found.moved)} were logged from 0 and are shown from 1.")
    strange = [run_id for run_id in found.unknown if run_id not in found.moved]
    if strange:
        said.append(f"The unit of the steps {named(strange)} is unknown; they are shown as logged.")
    others = dict.fromkeys(name for run_id in found.moved for name in found.unknown.get(run_id, ()))
    if others:
        metrics = plain(", ".join(others))
        said.append(f"The unit of their {metrics} steps is unknown; these are shown as logged.")
    return said


def _points_words(infos: Sequence[CompareInfo]) -> str:
    points, drawn = sum(info.points for info in infos), sum(info.drawn for info in infos)
    if not points:
        return "Curves appear after the first epoch." if infos else "No metric is chosen."
    words = counted(points, "point")
    return f"{words}." if drawn >= points else f"{words}, {count(drawn)} of them drawn, including every peak and dip."


def _bands_words(infos: Sequence[GroupsInfo], groups: Sequence[Group], found: Histories) -> str:
    """Return, in Markdown, how many runs each line averages, and where that number drops."""
    said = []
    for group in groups:
        bands = [(band, found.unit(info.metric)) for info in infos for band in info.bands if band.line == group.line]
        counted = dict.fromkeys(count_words(band.ends, unit) for band, unit in bands)
        said.append(f"{run_mark(group.line)}: {' or '.join(counted) or 'n 0'}")
    across = (
        f" Each {found.unit(infos[0].metric)} is drawn at its mean time over the runs."
        if infos and infos[0].axis is Axis.TIME
        else ""
    )
    return (
        f"{' · '.join(said)}. Lines are means over the epochs that all runs of a group reached, bands are 95 % "
        f"confidence intervals (Student's t), and faint lines are single runs.{across}"
    )
