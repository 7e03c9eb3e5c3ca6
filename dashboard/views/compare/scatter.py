"""A point per compared run over its settings: two chosen variables, or the metric over each setting in turn."""

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.coloring import coloring
from dashboard.charts.scatter import scatter_drawing, scatter_info
from dashboard.components.live_chart import chart, live_charts
from dashboard.state import CompareKey
from dashboard.views.compare.colors import color_choice
from dashboard.views.compare.setting_table import SettingTable
from trainer.format import count

__all__ = ["draw_scatter", "draw_slices"]

_MOST_SLICES = 12


def draw_scatter(table: SettingTable, metrics: Sequence[str]) -> None:
    """Draw one variable over another, in colours of a third."""
    others = [name for name in metrics if name != table.target.name]
    options = [table.target.name, *(each.name for each in table.settings), *others]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        across = st.selectbox("X", options, index=1, key=CompareKey.ACROSS, bind="query-params", width=220)
        up = st.selectbox("Y", options, index=0, key=CompareKey.UP, bind="query-params", width=220)
        colored = color_choice(table, metrics)
    info = scatter_info(table.variable(across), table.variable(up), table.lines)
    shown = [info.x, info.y, *([colored] if colored else [])]
    chart(
        scatter_drawing(info, coloring(table.lines, colored)), key="compare.scatter", table=lambda: table.of(shown)
    )  # fmt: skip


def draw_slices(table: SettingTable) -> None:
    """Draw the metric over each setting, in the runs' own colours."""
    shown = table.settings[:_MOST_SLICES]
    own = coloring(table.lines, None)
    figures = {
        each.name: scatter_drawing(scatter_info(each, table.target, table.lines, with_means=True), own, small=True)
        for each in shown
    }
    live_charts(figures, key="compare.slices", tables=lambda name: table.of([table.variable(name), table.target]))
    words = "Rings are means over the runs that share a value, whatever their other settings."
    if len(shown) < len(table.settings):
        words += f" The first {count(len(shown))} of {count(len(table.settings))} settings are drawn."
    st.caption(words)
