"""The curves of a run, and the caption below them."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import state
from dashboard.charts.colors import color_of
from dashboard.charts.history import HistoryInfo, curve_names, history_figure, history_infos
from dashboard.charts.tables import ChartTable, curves_table
from dashboard.components.live_chart import live_charts, zooms
from dashboard.components.markdown import plain
from dashboard.keys import RunKey
from trainer.config.metrics.names import VALIDATION
from trainer.format import count, counted
from trainer.tracking import Run, Series

__all__ = ["draw_curves", "drawn_metrics"]

_KEY = "run.curves"
# A browser draws so many charts in about a second.
_MOST_CHARTS = 24


def drawn_metrics(run: Run) -> tuple[str, ...] | None:
    """Return the metrics of a run with very many whose charts are drawn; None if all are."""
    names = curve_names(run.metrics)
    if len(names) <= _MOST_CHARTS:
        return None
    shown = [name for name in state.asked(RunKey.METRICS) if name in names] or names
    pairs = (pair for name in shown[:_MOST_CHARTS] for pair in (name, VALIDATION + name))
    return tuple(name for name in pairs if name in run.metrics)


def draw_curves(run: Run, history: Mapping[str, Series], expected: Sequence[str]) -> None:
    """Draw a chart per metric, in a fragment that a zoom redraws alone; `expected` are metrics that will be logged."""
    names = curve_names(run.metrics)
    if len(names) > _MOST_CHARTS:
        _choose(names)
    st.fragment(_curves)(run, history, expected)


def _choose(names: Sequence[str]) -> None:
    asked = state.asked(RunKey.METRICS)
    chosen = st.multiselect(
        "Metrics", list(dict.fromkeys([*names, *asked])), key=RunKey.METRICS, bind="query-params",
        placeholder="Choose metrics to draw", label_visibility="collapsed",
    )  # fmt: skip
    for name in chosen:
        if name not in names:
            st.warning(plain(f"Metric “{name}” not found."), icon=":material/filter_alt:")
    shown = min(len([name for name in chosen if name in names]) or _MOST_CHARTS, _MOST_CHARTS)
    words = f"Shows {count(shown)} of {counted(len(names), 'metric')}. Choose up to {_MOST_CHARTS} above."
    st.caption(words)


def _curves(run: Run, history: Mapping[str, Series], expected: Sequence[str]) -> None:
    progress = None if run.status.ended else run.progress
    unit = "epoch" if run.by_fitboard else "step"
    infos = history_infos(history, progress=progress, unit=unit, expected=expected, windows=zooms(_KEY))
    if not infos:
        st.caption(_nothing(run, history))
        return
    figures = {info.metric: history_figure(info, color_of(run)) for info in infos}
    drawn = {info.metric: info.drawn for info in infos}
    thinned = [info.metric for info in infos if drawn[info.metric] < info.points]
    live_charts(figures, key=_KEY, thinned=thinned, tables=lambda metric: _table(metric, infos))
    points, shown = sum(info.points for info in infos), sum(drawn.values())
    if shown < points:
        more = "including every peak and dip. Zoom in to see all points"
        st.caption(f"{counted(points, 'point')}, {count(shown)} drawn, {more}.")


def _table(metric: str, infos: Sequence[HistoryInfo]) -> ChartTable:
    info = next(info for info in infos if info.metric == metric)
    lines = {"training": info.train, "validation": info.validation}
    return curves_table([({"curve": name}, line) for name, line in lines.items() if line is not None], unit=info.unit)


def _nothing(run: Run, history: Mapping[str, Series]) -> str:
    if not run.status.ended:
        return "Curves appear after the first step."
    return "No curves: each metric was logged only once." if history else "No metrics were logged."
