"""Which settings matter: charts of the params in which the compared runs differ, and of their metrics."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import streamlit as st

from dashboard import state
from dashboard.charts.compare import Line
from dashboard.components.markdown import plain
from dashboard.components.results import doubts
from dashboard.state import CompareKey
from dashboard.views.compare.colors import OWN
from dashboard.views.compare.controls import Choice, Group
from dashboard.views.compare.importance import draw_importances
from dashboard.views.compare.parallel import draw_parallel
from dashboard.views.compare.scatter import draw_scatter, draw_slices
from dashboard.views.compare.setting_table import SettingTable, setting_table
from trainer.comparison import Basis, settings_of
from trainer.config import ranked_metrics
from trainer.format import count, counted
from trainer.tracking import Run

__all__ = ["draw_settings"]

_FEWEST_RUNS = 3


class _Chart(StrEnum):
    PARALLEL = "Parallel coordinates"
    SCATTER = "Scatter"
    SLICES = "Slices"
    IMPORTANCE = "Importance"


def draw_settings(
    runs: Sequence[Run], drawn: Sequence[Line], groups: Sequence[Group], chosen: Choice, bases: Mapping[str, Basis]
) -> None:
    """Draw the section, in a fragment of its own; nothing for two runs, whose differences are above.

    Args:
        runs: the compared runs.
        drawn: the line of each run.
        groups: the groups that the page shows instead of runs; empty if it shows runs.
        chosen: the page's controls.
        bases: run id → what its results were measured with.
    """
    if len(runs) >= _FEWEST_RUNS:
        st.markdown("## Settings")
        st.fragment(_settings)(runs, _as_groups(drawn, groups), chosen, bases)


def _as_groups(drawn: Sequence[Line], groups: Sequence[Group]) -> list[Line]:
    """Return the lines with the colours and ids of their groups, so that the legend's highlight finds them."""
    of = {run.run_id: group.line for group in groups for run in group.runs}
    return [
        line._replace(run_id=of[line.run_id].run_id, color=of[line.run_id].color) if line.run_id in of else line
        for line in drawn
    ]


def _settings(runs: Sequence[Run], drawn: Sequence[Line], chosen: Choice, bases: Mapping[str, Basis]) -> None:
    metrics = ranked_metrics({name for run in runs for name in run.metrics})
    if not metrics or not settings_of(runs):
        st.caption(
            "All runs logged the same params." if metrics else "Charts appear once the runs have logged metrics."
        )
        return
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="compare-settings"):
        shown = st.segmented_control(
            "Chart", list(_Chart), default=_Chart.PARALLEL, key=CompareKey.SETTINGS, bind="query-params", required=True
        )
        first = next((name for name in chosen.metrics if name in metrics), metrics[0])
        metric = st.selectbox(
            "Metric", metrics, index=metrics.index(first), key=CompareKey.TARGET, bind="query-params", width=220,
            help="The value of each run is that of the weights that it kept.",
        )  # fmt: skip
    table = setting_table(runs, drawn, metric)
    _warn_of_unknown([*metrics, *(each.name for each in table.settings)])
    if not table.settings:
        st.caption(_why_nothing(table))
    elif shown == _Chart.SCATTER:
        draw_scatter(table, metrics)
    elif shown == _Chart.SLICES:
        draw_slices(table)
    elif shown == _Chart.IMPORTANCE:
        draw_importances(table)
    else:
        draw_parallel(table, metrics, chosen.directions)
    for sentence in _said(runs, table, bases):
        st.caption(sentence)


def _warn_of_unknown(names: Sequence[str]) -> None:
    """Name what the address asks for and no run has: Streamlit (1.67) silently drops it."""
    keys = (CompareKey.TARGET, CompareKey.SHOWN, CompareKey.ACROSS, CompareKey.UP, CompareKey.COLOR)
    asked = dict.fromkeys(name for key in keys for name in state.asked(key) if name not in (OWN, *names))
    if asked:
        words = plain(" or ".join(f"“{name}”" for name in asked))
        st.warning(f"None of these runs has the metric or differing param {words}.", icon=":material/search_off:")


def _why_nothing(table: SettingTable) -> str:
    name = plain(table.target.name)
    if len(table.runs) < 2:
        return f"These charts need at least two runs with a finite {name}, got {count(len(table.runs))}."
    return f"The runs with a finite {name} all logged the same params."


def _said(runs: Sequence[Run], table: SettingTable, bases: Mapping[str, Basis]) -> list[str]:
    """Return sentences, in Markdown, on what the charts leave out and on what cannot be compared."""
    metric = table.target.name
    said = []
    if left := len(runs) - len(table.runs):
        are = "is" if left == 1 else "are"
        said.append(f"{counted(left, 'run')} without a finite {plain(metric)} {are} left out.")
    for setting in table.settings:
        if setting.also:
            also = plain(", ".join(setting.also))
            said.append(f"{plain(setting.name)} stands for {also} as well: in these runs they change together.")
    said += [
        f"**Not comparable**, since {words}: {plain(metric)}."
        for words, names in doubts(table.runs, bases).items()
        if metric in names
    ]
    return [" ".join(said)] if said else []
