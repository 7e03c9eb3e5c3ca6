"""The keyboard shortcuts of Runs, with those that the table handles itself."""

from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.shortcuts import Shortcut
from dashboard.state import RunsKey

__all__ = ["SHORTCUTS"]

SHORTCUTS = (
    Shortcut("/", "Search or filter", f".st-key-{RunsKey.SEARCH} input", "The search box is not available."),
    Shortcut(
        "c", "Compare the selected runs", ".st-key-runs-compare button", f"Select 2 to {MOST_COMPARED} runs to compare."
    ),
    Shortcut("g", "Group runs", ".st-key-runs-group button", "Grouping is not available."),
    Shortcut("v", "Saved views", ".st-key-views button", "Views are not available."),
    Shortcut("↑ ↓", "In the table: go to the previous or next run"),
    Shortcut("Enter", "In the table: open the run"),
    Shortcut("Space", "In the table: select the run; with Shift, all runs from the last selected one"),
    Shortcut("Alt ← →", "On a column header: move the column"),
    Shortcut("Alt Shift ← →", "On a column header: make the column narrower or wider"),
)
"""The shortcuts in the order in which they are listed."""
