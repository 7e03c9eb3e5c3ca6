"""The table of runs in the browser: rows to select, names that link to pages, and headers that sort."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dashboard.browser_part import browser_part

__all__ = ["TINTS", "TableColumn", "table_part"]

table_part = browser_part(
    "fitboard_runs",
    Path(__file__).parent,
    "run_table.css",
    "run_table_columns.js",
    "run_table_kept.js",
    "run_table.js",
    html='<div class="fitboard-scroll"><table class="fitboard-runs" aria-label="Runs">'
    "<thead></thead><tbody></tbody></table></div>",
)
"""Draws the table. Besides rows and columns, its data may have `label`, its name for screen readers; `most`, its
largest height in pixels; and `ticks` and `arranged`: false turns off selection and the moving of columns."""

TINTS: Mapping[str, str] = {
    "gray": "#8a8f9838",
    "blue": "#2563eb40",
    "green": "#16a34a33",
    "red": "#dc262640",
    "orange": "#f9731640",
    "yellow": "#eab30855",
}
"""Backgrounds of the status chips by Streamlit's colour names; translucent, so that they fit both themes."""


class TableColumn(NamedTuple):
    """A column as it is sent to the browser.

    `kind` is how its cells are drawn: `color`, `name`, `chip`, `progress`, `curve`, `number` or `text`. `sort` is the
    name of the order that a click on its header selects; empty if runs cannot be sorted by it.
    """

    name: str
    label: str
    kind: str
    sort: str
    help: str
    width: int = 0
    """In pixels; 0 for as wide as the cells need."""
