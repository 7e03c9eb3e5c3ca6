"""The curves of groups of runs: the mean of each with its 95 % interval as a band, one metric a chart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from dashboard.charts.colors import faded
from dashboard.charts.compare import Line
from dashboard.charts.figures import empty_figure, framed, literal
from dashboard.charts.thinning import thinned
from trainer.statistics import Summary, summarize
from trainer.tracking import Series

__all__ = ["Band", "GroupsInfo", "groups_figure", "groups_info"]

_HEIGHT = 320


class Band(NamedTuple):
    """One group's course for the screen: at each step the summary of the runs that have a finite value there."""

    line: Line
    steps: tuple[int, ...]
    summaries: tuple[Summary, ...]


class GroupsInfo(NamedTuple):
    """One metric of several groups."""

    metric: str
    bands: tuple[Band, ...]


def groups_info(metric: str, series: Mapping[str, Series], groups: Sequence[tuple[Line, Sequence[str]]]) -> GroupsInfo:
    """What is drawn of one metric.

    Args:
        metric: its name.
        series: run id → history; runs without it are left out.
        groups: how each group is drawn, and the ids of its runs.
    """
    bands = [_band(line, [series[run_id] for run_id in run_ids if run_id in series]) for line, run_ids in groups]
    return GroupsInfo(metric, tuple(band for band in bands if band.steps))


def _band(line: Line, members: Sequence[Series]) -> Band:
    by_step: dict[int, list[float]] = {}
    for member in members:
        # A step that was logged twice counts once, with what was logged last.
        for step, value in dict(zip(member.steps, member.values, strict=True)).items():
            by_step.setdefault(step, []).append(value)
    known = {step: summary for step in sorted(by_step) if (summary := summarize(by_step[step])) is not None}
    means = [summary.mean for summary in known.values()]
    kept = thinned(Series(steps=range(len(means)), values=means, times=range(len(means)))).steps
    steps = list(known)
    return Band(line, tuple(steps[place] for place in kept), tuple(known[steps[place]] for place in kept))


def groups_figure(info: GroupsInfo) -> go.Figure:
    """Draws it; without a legend, since the page has one for all its charts."""
    if not info.bands:
        return empty_figure(f"No {info.metric} yet", height=_HEIGHT)
    figure = framed(go.Figure(), height=_HEIGHT)
    figure.add_traces([trace for band in info.bands for trace in _traces(band)])
    figure.update_layout(
        title={"text": f"<b>{literal(info.metric)}</b>", "x": 0, "xref": "paper", "y": 0.97, "font": {"size": 14}},
        showlegend=False,
        hovermode="x unified",
        hoverlabel={"namelength": 40},
        uirevision=f"{info.metric} by group",
        xaxis={"title": {"text": "epoch", "standoff": 6}, "tickformat": ",~r", "nticks": 8},
        yaxis={"nticks": 6, "tickformat": "~g"},
    )
    return figure


def _traces(band: Band) -> Iterator[go.Scatter]:
    spread = [(step, each) for step, each in zip(band.steps, band.summaries, strict=True) if each.low is not None]
    if spread:
        forth, back = spread, list(reversed(spread))
        yield go.Scatter(
            x=[step for step, _ in (*forth, *back)],
            y=[each.high for _, each in forth] + [each.low for _, each in back],
            fill="toself",
            fillcolor=faded(band.line.color, 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
        )
    yield go.Scatter(
        x=band.steps,
        y=[each.mean for each in band.summaries],
        line={"color": band.line.color, "dash": band.line.dash, "width": 2},
        mode="lines+markers" if len(band.steps) < 2 else "lines",
        name=literal(band.line.label),
        text=[_interval(each) for each in band.summaries],
        hovertemplate="%{y:.5~g}%{text}",
    )


def _interval(summary: Summary) -> str:
    return "" if summary.low is None else f" ({summary.low:.4g} to {summary.high:.4g}, n {summary.n})"
