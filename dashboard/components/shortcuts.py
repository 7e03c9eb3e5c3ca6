"""Keyboard shortcuts of a page, and the dialog that lists them.

Streamlit's own `shortcut=` (1.67) takes buttons only, and neither C nor R nor punctuation.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from dashboard.browser_part import browser_part

__all__ = ["Shortcut", "shortcuts"]

_HERE = Path(__file__).parent
_component = browser_part(
    "fitboard_shortcuts",
    _HERE,
    "shortcuts.css",
    "shortcuts.js",
    html='<button type="button" class="fitboard-keys" aria-label="Keyboard shortcuts" aria-haspopup="dialog"></button>'
    '<dialog class="fitboard-keys-list" aria-label="Keyboard shortcuts"></dialog>'
    '<div class="fitboard-keys-note" role="status"></div>',
)


class Shortcut(NamedTuple):
    """A key, what it does, and the element of the page that it clicks or, if it is a text field, focuses.

    `target` is a CSS selector; a shortcut without one is only listed, since the page handles the key elsewhere.
    `missing` says why nothing happens where the element is absent or disabled.
    """

    key: str
    words: str
    target: str = ""
    missing: str = ""


def shortcuts(keys: Sequence[Shortcut]) -> None:
    """Draw the button that lists the shortcuts, and make them work. Call it once per page."""
    with st.container(key="fitboard-shortcuts", width="content"):
        _component(key="fitboard-shortcuts-keys", data={"keys": [key._asdict() for key in keys]})
