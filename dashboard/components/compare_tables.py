"""The tables of Compare: results and differences, the runs as columns while they are few, as rows when many."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.charts.compare import Line
from dashboard.components.compare_rows import Differences, Result, signed
from dashboard.components.text import number, plain

__all__ = ["differences_table", "results_table", "run_mark"]

_FEW_RUNS = 5
_STROKES = {"solid": "━━", "dash": "╍╍", "dot": "┅┅", "dashdot": "━╍", "longdash": "━ ━", "longdashdot": "━ ╍"}


def run_mark(line: Line) -> str:
    """A run as Markdown: a piece of its curve and its name."""
    return f':color[{_STROKES[line.dash]}]{{foreground="{line.color}"}} {plain(line.label)}'


def results_table(table: Mapping[str, Sequence[Result]], runs: Sequence[Line]) -> None:
    """The last value of every metric, with the difference from the first run and a star at the best."""
    _table({name: [_result(result) for result in row] for name, row in table.items()}, runs, alt="Results of the runs")


def differences_table(found: Differences, runs: Sequence[Line]) -> None:
    """Only the fields in which the runs differ."""
    rows = {path: [plain(value) for value in values] for path, values in found.rows}
    _table(rows, runs, alt="What differs between the configs")


def _result(result: Result) -> str:
    if result.value is None:
        return ""
    value = f"**{number(result.value)}** ★" if result.best else number(result.value)
    words = signed(result)
    color = "gray" if result.better is None else "green" if result.better else "red"
    return f"{value} :small[:{color}[{words}]]" if words else value


def _table(rows: Mapping[str, Sequence[str]], runs: Sequence[Line], *, alt: str) -> None:
    marks = [run_mark(line) for line in runs]
    if len(runs) <= _FEW_RUNS:
        cells = {" ": [plain(name) for name in rows]}
        cells |= {mark: [row[place] for row in rows.values()] for place, mark in enumerate(marks)}
    else:
        cells = {" ": marks} | {plain(name): list(row) for name, row in rows.items()}
    st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt=alt)
