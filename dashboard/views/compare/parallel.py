"""Parallel coordinates of the compared runs, whose brushes select runs."""

import zlib
from collections.abc import Sequence

import streamlit as st

from dashboard import state
from dashboard.charts.coloring import coloring
from dashboard.charts.parallel import parallel_drawing, parallel_info
from dashboard.components.live_chart import chart
from dashboard.components.markdown import plain
from dashboard.state import CompareKey
from dashboard.views.compare.brush import brush
from dashboard.views.compare.colors import color_choice
from dashboard.views.compare.setting_table import SettingTable
from dashboard.views.compare.tables import run_mark
from trainer.config import Directions
from trainer.format import count, counted, number

__all__ = ["draw_parallel"]

_KEY, _BRUSH = "compare.parallel", "compare.brush"
_MOST_AT_FIRST = 7
_MOST_LISTED = 3


def draw_parallel(table: SettingTable, metrics: Sequence[str], directions: Directions) -> None:
    """Draw the chart, its controls, and the selected runs with a button that compares only these."""
    names = [each.name for each in table.settings]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="compare-axes"):
        others = [name for name in metrics if name != table.target.name]
        axes = st.multiselect(
            "Axes", [*names, *others], default=names[:_MOST_AT_FIRST], key=CompareKey.SHOWN, bind="query-params",
            help="The metric is the last axis.",
        )  # fmt: skip
        colored = color_choice(table, metrics)
    variables = [*(table.variable(name) for name in axes), table.target]
    info = parallel_info(variables, table.lines)
    chart(parallel_drawing(info, coloring(table.lines, colored)), key=_KEY, table=lambda: table.of(variables))
    # Of other runs the axes have other ranges, in which the brushes would select something else.
    key = f"{_BRUSH}.{zlib.crc32(' '.join(run.run_id for run in table.runs).encode()):x}"
    shown = [each.name for each in variables]
    parts = brush(_KEY, shown, key=key)
    if parts:
        _selected(table, info.within(parts), directions)
    else:
        st.caption("Drag along an axis to select the runs that pass there; the others fade in all charts.")


def _selected(table: SettingTable, places: Sequence[int], directions: Directions) -> None:
    """Say how many runs the brushes select and which are the best, and offer to compare only these."""
    run_ids = [table.runs[place].run_id for place in places]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = f"**{count(len(places))} of {counted(len(table.runs), 'run')} selected.**"
        st.markdown(f"{words} {_best(table, places, directions)}", width="stretch")
        if st.button(
            "Compare only these", icon=":material/filter_alt:", key="compare.only", disabled=len(run_ids) < 2,
            help="Removes all other runs from the comparison.",
        ):  # fmt: skip
            state.compare.runs, state.compare.brushes = run_ids, ()
            st.rerun()


def _best(table: SettingTable, places: Sequence[int], directions: Directions) -> str:
    is_higher = directions.higher_is_better(table.target.name)
    if is_higher is None or not places or table.target.numbers is None:
        return ""
    values = table.target.numbers
    first = sorted(places, key=lambda place: -values[place] if is_higher else values[place])[:_MOST_LISTED]
    return f"Best {plain(table.target.name)}: " + " · ".join(
        f"{run_mark(table.lines[place])} {number(values[place])}" for place in first
    )
