"""The tables of results and differences, with a column per run for few runs and a row per run for many."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.charts.compare import Line
from dashboard.components.differences import Row
from dashboard.components.layer_differences import LayerRow
from dashboard.components.markdown import plain
from dashboard.components.results import Result, signed
from trainer.config import LayerChange
from trainer.format import number
from trainer.statistics import Summary, summary_words

__all__ = [
    "MOST_COLUMNS",
    "differences_table",
    "groups_table",
    "layers_table",
    "results_table",
    "run_mark",
    "verdicts_table",
]

MOST_COLUMNS = 5
"""Maximum number of runs with a column each."""
# Heights in pixels of a row and of the header, then numbers of rows.
_ROW, _HEAD, _ROWS_SEEN, _FIRST_ROWS = 30, 36, 16, 6
# Pixels around a cell and per character, then numbers of characters.
_PADDING, _CHARACTER, _SHORT, _LONGEST = 18, 6.5, 10, 60
_MOST_ROWS = 12
_BADGES: Mapping[LayerChange, str] = {
    LayerChange.SAME: ":gray[same]",
    LayerChange.ADDED: ":green-badge[added]",
    LayerChange.REMOVED: ":red-badge[removed]",
    LayerChange.REPLACED: ":orange-badge[replaced]",
    LayerChange.CHANGED: ":blue-badge[changed]",
}
_STROKES = {"solid": "━━", "dash": "╍╍", "dot": "┅┅", "dashdot": "━╍", "longdash": "━ ━", "longdashdot": "━ ╍"}


def run_mark(line: Line) -> str:
    """Return the name of a run in Markdown: a sample of its line, and its label."""
    return f':color[{_STROKES[line.dash]}]{{foreground="{line.color}"}} {plain(line.label)}'


def results_table(table: Mapping[str, Sequence[Result]], runs: Sequence[Line]) -> None:
    """Draw each metric's values, the last epoch's if another one was kept, differences, and a star at the best."""
    if len(runs) <= MOST_COLUMNS:
        _across(
            {plain(name): [_rich(result) for result in row] for name, row in table.items()},
            runs,
            of="metric",
            alt="Results",
        )
    else:
        _down({name: [_bare(result) for result in row] for name, row in table.items()}, runs, alt="Results")


def groups_table(table: Mapping[str, Sequence[Summary | None]], groups: Sequence[Line]) -> None:
    """Draw each metric's mean per group with its interval and the number of runs."""
    words = {name: [summary_words(each) if each else "–" for each in row] for name, row in table.items()}
    if len(groups) <= MOST_COLUMNS:
        _across(
            {plain(name): [plain(each) for each in row] for name, row in words.items()},
            groups,
            of="metric",
            alt="Results",
        )
    else:
        _down(words, groups, alt="Results")


def verdicts_table(table: Mapping[str, Sequence[str]], groups: Sequence[Line]) -> None:
    """A row for each group: in each metric, what its difference to the baseline is."""
    cells: dict[str, list[str]] = {"group": [run_mark(line) for line in groups]}
    cells |= {plain(name): [_colored(words) for words in row] for name, row in table.items()}
    if len(groups) <= _MOST_ROWS:
        st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt="Statistical significance")
    else:
        _down(table, groups, alt="Statistical significance")


def _colored(words: str) -> str:
    """A verdict in Markdown, green or red where a difference is real and its direction known."""
    color = {"better": "green", "worse": "red"}.get(words.partition(" ")[0])
    return f":{color}[{plain(words)}]" if color else plain(words)


def differences_table(found: Sequence[Row], runs: Sequence[Line]) -> None:
    """Draw the fields that differ between the runs, with few enough rows that the curves below stay in sight."""
    if len(runs) <= MOST_COLUMNS:
        rows = {plain(path): [plain(value) for value in values] for path, values in found}
        _across(rows, runs, of="setting", alt="What differs")
    else:
        _down(dict(found), runs, alt="What differs", rows=_FIRST_ROWS)


def layers_table(found: Sequence[LayerRow], runs: Sequence[Line]) -> None:
    """Draw the aligned layers of few runs, with how they differ from the first run's."""
    cells: dict[str, list[str]] = {"layers": [_BADGES[row.change] for row in found]}
    for place, line in enumerate(runs):
        cells[run_mark(line)] = [_faint(row, plain(row.cells[place])) for row in found]
    st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt="Layers")


def _faint(row: LayerRow, words: str) -> str:
    return f":gray[{words}]" if row.change is LayerChange.SAME else words


def _rich(result: Result) -> str:
    if result.value is None:
        return "–"
    value = f"**{number(result.value)}** ★" if result.best else number(result.value)
    words = signed(result)
    color = "gray" if result.better is None else "green" if result.better else "red"
    last = [] if result.last is None else [f":small[:gray[last {number(result.last)}]]"]
    return " ".join([value, *last, *([f":small[:{color}[{words}]]"] if words else [])])


def _bare(result: Result) -> str:
    if result.value is None:
        return ""
    last = "" if result.last is None else f"(last {number(result.last)})"
    return " ".join(word for word in (number(result.value), "★" if result.best else "", last, signed(result)) if word)


def _across(rows: Mapping[str, Sequence[str]], runs: Sequence[Line], *, of: str, alt: str) -> None:
    """Draw few runs: one column each, in Markdown, after a column of what each row is `of`."""
    cells: dict[str, list[str]] = {of: list(rows)}
    cells |= {run_mark(line): [row[place] for row in rows.values()] for place, line in enumerate(runs)}
    st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt=alt)


def _down(columns: Mapping[str, Sequence[str]], runs: Sequence[Line], *, alt: str, rows: int = _ROWS_SEEN) -> None:
    """Draw many runs: one row each, in a grid that draws only visible cells; Markdown in 500 cells takes seconds."""
    fixed = {"color": [[line.color] for line in runs], "run": [line.label for line in runs]}
    # A dataframe has no cells of one colour, so the runs' colours are tags without text.
    palette = list(dict.fromkeys(line.color for line in runs))
    st.dataframe(
        {**fixed, **columns},
        hide_index=True,
        placeholder="",
        height=min(len(runs), rows) * _ROW + _HEAD,
        row_height=_ROW,
        column_config={
            "color": st.column_config.MultiselectColumn(
                " ", options=palette, color=palette, format_func=_blank, width=38, pinned=True
            ),
            "run": st.column_config.TextColumn("run", pinned=True),
            **{name: st.column_config.TextColumn(width=width) for name, width in _widths(columns).items()},
        },
        alt=alt,
    )


def _widths(columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return widths in pixels for columns with long values, since Streamlit (1.67) sizes columns by the first rows."""
    longest = {name: max(map(len, cells), default=0) for name, cells in columns.items()}
    return {
        name: round(_PADDING + _CHARACTER * min(length, _LONGEST))
        for name, length in longest.items()
        if length > _SHORT
    }


def _blank(_: str) -> str:
    return " "
