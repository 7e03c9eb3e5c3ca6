"""The table of runs: rows that can be selected, names that open a run, heads that sort."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.charts.colors import PALETTE
from dashboard.views.runs.rows import METRIC, PARAM, TAG, RunRows, clicked_sort

__all__ = ["run_table"]

_ROW, _HEAD, _MOST = 35, 36, 16
_CHIPS = {
    "queued": "#8a8f9838",
    "running": "#2563eb40",
    "finished": "#16a34a33",
    "failed": "#dc262640",
    "stopped": "#f9731640",
    "stopping…": "#f9731640",
    "silent": "#eab30855",
    "lost": "#dc262640",
}
_HEADS = {"when": "started", "dataset": "data", "curve": "loss"}
_SORTED_AS = {"when": "started", "dataset": "params.dataset"}
_HELP = {
    "when": "When the run was queued or started, and by the clock of this dashboard’s machine.",
    "duration": "From the first step of training to the end; with … while it goes on. "
    "Of a run that waits: in about how long it will start, or how many are to start before it.",
    "curve": "The course of the loss over the epochs, each on its own scale.",
    "progress": "The share of all steps that is done.",
    "verdict": "Whether a rerun came out the same to the last bit, or where it differs first.",
}
_CLICK_HELP = "Click a column’s head to sort all runs by it."


def run_table(rows: RunRows, *, order: tuple[str, bool]) -> None:
    """Draws the table. What is done with it is found in `state`: the selection, the run that was clicked, the order.

    Args:
        rows: what to show.
        order: the column that runs are sorted by, and whether the smallest come first.
    """
    state.show_selection(rows.run_ids)
    st.dataframe(
        {column: rows.cells[column] for column in rows.shown},
        key=state.RunsKey.TABLE,
        on_select=_selected,
        selection_mode=["multi-row", "single-column"],
        hide_index=True,
        height=_HEAD + _ROW * min(max(len(rows.run_ids), 1), _MOST),
        row_height=_ROW,
        placeholder="",
        column_config={column: _column(column, order) for column in rows.shown},
        alt="Runs",
    )


def _selected() -> None:
    """A row was ticked, or a head clicked: the one is kept by run, the other changes the order."""
    for column in state.take_selection():
        clicked = clicked_sort(column, state.runs_order())
        if clicked is not None:
            state.set_runs_order(*clicked)


def _column(column: str, order: tuple[str, bool]) -> Any:
    label = _label(column, order)
    if column == "color":
        palette = list(PALETTE)
        return st.column_config.MultiselectColumn(" ", options=palette, color=palette, format_func=_blank, width=38)
    if column == "name":
        return st.column_config.ButtonColumn(
            label, type="tertiary", alignment="left", width=190, pinned=False, key=state.RunsKey.OPEN,
            help="Click a name to open the run.",
        )  # fmt: skip
    if column == "status":
        return st.column_config.MultiselectColumn(label, options=list(_CHIPS), color=list(_CHIPS.values()), width=92)
    if column == "progress":
        return st.column_config.ProgressColumn(label, format="percent", width=110, help=_HELP[column])
    if column == "curve":
        return st.column_config.LineChartColumn(label, width=110, help=_HELP[column])
    if column.startswith(METRIC):
        return st.column_config.TextColumn(label, alignment="right", help=_CLICK_HELP)
    width = {"when": 165, "duration": 108, "dataset": 100, "layers": 330, "verdict": 240}.get(column)
    return st.column_config.TextColumn(label, width=width, help=_HELP.get(column))


def _blank(_: str) -> str:
    return " "


def _label(column: str, order: tuple[str, bool]) -> str:
    bare = column
    for prefix in (METRIC, PARAM, TAG):
        bare = bare.removeprefix(prefix)
    arrow = (" ↑" if order[1] else " ↓") if _SORTED_AS.get(column, column) == order[0] else ""
    return _HEADS.get(column, bare) + arrow
