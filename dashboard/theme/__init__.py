"""The style of the pages beyond `.streamlit/config.toml`: one static style sheet."""

from pathlib import Path

import streamlit as st

__all__ = ["ICON", "apply_theme"]

ICON = Path(__file__).parent / "icon.png"
_STYLE = Path(__file__).parent / "style.css"


def apply_theme() -> None:
    """Add the style sheet to the page. It is static, so it never contains anything that a user typed."""
    # Streamlit wraps the text of a `.css` file in a style element.
    st.html(_STYLE)
