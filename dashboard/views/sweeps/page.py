"""The Sweeps page: the sweeps of the store, the newest first, updated live."""

import time
from typing import Any

import streamlit as st

from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.run_table import TINTS, TableColumn, table_part
from dashboard.components.sweep_status import summary_words, sweep_look
from dashboard.loaders import sweeps
from dashboard.navigation import BUILD, SWEEP, address_of
from trainer.errors import StoreError
from trainer.format import counted, number, when
from trainer.sweeps import Summary
from trainer.tracking import Run, Tag

__all__ = ["render", "sweep_row"]

_MOST = 100
_LIVE_SECONDS = 2
_COLUMNS = (
    TableColumn("name", "sweep", "name", "", ""),
    TableColumn("status", "status", "chip", "", ""),
    TableColumn(
        "progress",
        "progress",
        "progress",
        "",
        "Share of the trials, or of the runs that confirm the best of them, that have ended.",
    ),
    TableColumn("trials", "trials", "text", "", ""),
    TableColumn("best", "best", "text", "", "The best result, on the data that chose it."),
    TableColumn("trial", "of trial", "text", "", ""),
    TableColumn("when", "started", "text", "", "In the server's local time."),
    TableColumn("experiment", "experiment", "text", "", ""),
)


def render() -> None:
    """Draw the page and redraw it every two seconds."""
    st.fragment(_page, run_every=_LIVE_SECONDS)()


def _page() -> None:
    with st.container(key="runs-head"):
        st.title("Sweeps", anchor=False)
    try:
        found = sweeps.newest_sweeps(_MOST)
    except StoreError as error:
        show_error(error)
        st.caption("The list reloads as soon as the store responds.")
        return
    if not found:
        empty(
            "No sweeps yet. A sweep trains a config again and again with other settings, and shows which of them "
            "matter. Turn on **Sweep** on Build, or run `fitboard sweep FILE`; the sweep appears here.",
            page=BUILD,
            label="Build a network",
        )
        return
    now = time.time()
    data = {
        "columns": [column._asdict() for column in _COLUMNS], "rows": [sweep_row(run, now) for run in found],
        "selected": [], "order": ["", True], "kept": None, "label": "Sweeps", "ticks": False, "arranged": False,
    }  # fmt: skip
    table_part(key="sweeps.table", data=data)
    st.caption(counted(len(found), "sweep") if len(found) < _MOST else f"The newest {counted(_MOST, 'sweep')}.")


def sweep_row(run: Run, now: float) -> dict[str, Any]:
    """Return the row of a sweep, as the table in the browser draws it."""
    summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
    shown = sweep_look(run, now)
    wanted = run.tags.get(Tag.SWEEP_TRIALS, "")
    share = None if run.status.ended else _share(summary, int(wanted) if wanted.isdecimal() else 0)
    counts = summary_words(summary) if summary.trials or not wanted else "0"
    cells = {
        "name": run.title,
        "status": {"word": shown.word, "color": TINTS[shown.color]},
        "progress": None if share is None else round(min(1.0, share), 2),
        "trials": " of ".join(filter(None, [counts, wanted])),
        "best": _best_words(run, summary),
        "trial": "" if summary.best is None else str(summary.best),
        "when": when(run.start_time, now),
        "experiment": run.experiment,
    }
    return {
        "id": run.run_id, "name": run.title, "href": address_of(SWEEP, id=run.run_id),
        "cells": [cells[column.name] for column in _COLUMNS],
    }  # fmt: skip


def _share(summary: Summary, wanted: int) -> float | None:
    """Return the share of the trials that have ended, 0 to 1; once the best are confirmed, of those runs."""
    if summary.confirming:
        return summary.confirmed / summary.confirming
    return (summary.trials - summary.running) / wanted if wanted else None


def _best_words(run: Run, summary: Summary) -> str:
    """Return the best results with the names of the objectives, as far as the sweep's file can be read."""
    names = sweeps.objectives_of(run) or ("",) * len(summary.results)
    return ", ".join(f"{name} {number(value)}".strip() for name, value in zip(names, summary.results, strict=False))
