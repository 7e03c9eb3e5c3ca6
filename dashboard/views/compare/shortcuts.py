"""The keyboard shortcuts of Compare."""

from dashboard.components.shortcuts import Shortcut
from dashboard.state import CompareKey

__all__ = ["SHORTCUTS"]

SHORTCUTS = (
    Shortcut("a", "Add a run", ".st-key-compare-add button", "Pick runs below first."),
    Shortcut("g", "Draw runs by group", f".st-key-{CompareKey.GROUPS} input", "None of these configs was repeated."),
    Shortcut("v", "Saved views", ".st-key-views button", "Views are not available."),
)
"""The shortcuts in the order in which they are listed."""
