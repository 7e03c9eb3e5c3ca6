"""The table of runs: rows that can be selected, names that are links, heads that sort."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dashboard import state
from dashboard.navigation import RUN, address_of
from dashboard.views.runs.columns import METRIC, PARAM, TAG, RunRows, clicked_sort, sort_column

__all__ = ["run_table"]

_HERE = Path(__file__).parent
_table = st.components.v2.component(
    "fitboard_runs",
    html='<div class="fitboard-scroll"><table class="fitboard-runs" aria-label="Runs">'
    "<thead></thead><tbody></tbody></table></div>",
    css=(_HERE / "table.css").read_text(encoding="utf-8"),
    js=(_HERE / "table.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_TINTS: Mapping[str, str] = {
    "gray": "#8a8f9838",
    "blue": "#2563eb40",
    "green": "#16a34a33",
    "red": "#dc262640",
    "orange": "#f9731640",
    "yellow": "#eab30855",
}
"""Streamlit's colours of a status, as a chip's background in both themes."""
_HEADS = {"color": "", "when": "started", "dataset": "data", "curve": "loss"}
_KINDS = {"color": "color", "name": "name", "status": "chip", "progress": "progress", "curve": "curve"}
_HELP = {
    "when": "When the run was queued or started, and by the clock of this dashboard’s machine.",
    "duration": "From the first step of training to the end; with … while it goes on. "
    "Of a run that waits: in about how long it will start, or how many are to start before it.",
    "curve": "The course of the loss over the epochs, each on its own scale.",
    "progress": "The share of all steps that is done.",
    "verdict": "Whether a rerun came out the same to the last bit, or where it differs first.",
}
_CLICK_HELP = "Click to sort all runs by it."


class _Column(NamedTuple):
    """What the browser is told of a column. `sort` is the name of the order that a click asks for."""

    name: str
    label: str
    kind: str
    sort: str
    help: str


def run_table(rows: RunRows, *, order: tuple[str, bool]) -> None:
    """Draws the table. What is done with it is found in `state`: the selection and the order.

    Args:
        rows: what to show.
        order: the column that runs are sorted by, and whether the smallest come first.
    """
    columns = [_column(name) for name in rows.shown]
    cells = [[_value(name, value) for value in rows.cells[name]] for name in rows.shown]
    data = {
        "columns": [column._asdict() for column in columns],
        "rows": [
            {"id": run_id, "name": name, "href": address_of(RUN, id=run_id), "cells": row}
            for run_id, name, *row in zip(rows.run_ids, rows.cells["name"], *cells, strict=True)
        ],
        "selected": [run_id for run_id in state.runs.selected if run_id in rows.run_ids],
        "order": list(order),
    }
    _table(key=state.RunsKey.TABLE, data=data, on_ticked_change=_ticked(rows.run_ids), on_sorted_change=_sorted)


def _ticked(shown: tuple[str, ...]) -> Callable[[], None]:
    def take_over() -> None:
        state.tick_runs(state.typed(state.RunsKey.TABLE)["ticked"] or (), shown=shown)

    return take_over


def _sorted() -> None:
    clicked = clicked_sort(state.typed(state.RunsKey.TABLE)["sorted"] or "", state.runs_order(), state.directions())
    if clicked is not None:
        state.set_runs_order(*clicked)


def _column(name: str) -> _Column:
    bare = name
    for prefix in (METRIC, PARAM, TAG):
        bare = bare.removeprefix(prefix)
    kind = _KINDS.get(name, "number" if name.startswith(METRIC) else "text")
    sort = sort_column(name) or ""
    return _Column(name, _HEADS.get(name, bare), kind, sort, _HELP.get(name, _CLICK_HELP if sort else ""))


def _value(column: str, value: Any) -> Any:
    """A cell as the browser draws it."""
    if column == "color":
        return value[0]
    if column == "status":
        word, color = value
        return {"word": word, "color": _TINTS[color]}
    return value
