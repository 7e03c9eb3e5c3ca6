"""The area to drop a file on. The browser sends it to `dashboard.launch.uploads`, which writes it to disk."""

from pathlib import Path

import streamlit as st

from dashboard import state
from dashboard.data_state import data

__all__ = ["drop_area"]

_HERE = Path(__file__).parent
_KEY = "data.drop"
_area = st.components.v2.component(
    "fitboard_drop",
    html=(_HERE / "drop.html").read_text(encoding="utf-8"),
    css=(_HERE / "drop.css").read_text(encoding="utf-8"),
    js=(_HERE / "drop.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def drop_area() -> None:
    """Draw the area; a file that has arrived is opened."""
    _area(key=_KEY, data={"folder": "upload"}, on_file_change=_open)


def _open() -> None:
    path = (state.typed(_KEY) or {}).get("file")
    if isinstance(path, str) and path:
        data.begin(path)
