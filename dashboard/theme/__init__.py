"""What the pages look like beyond `.streamlit/config.toml`: one static style sheet."""

from pathlib import Path

import streamlit as st

__all__ = ["ICON", "apply_theme"]

ICON = Path(__file__).parent / "icon.png"
_STYLE = Path(__file__).parent / "style.css"


def apply_theme() -> None:
    """Put the style sheet on the page. It is static: nothing that a person typed is ever in it."""
    st.html(_STYLE)
