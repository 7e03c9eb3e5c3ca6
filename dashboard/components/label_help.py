"""Help on labels by keyboard: it appears when the focus rests on a field, and takes no stop in the tab order."""

from pathlib import Path

import streamlit as st

__all__ = ["label_help"]

_script = st.components.v2.component(
    "fitboard_label_help", js=Path(__file__).with_name("label_help.js").read_text(encoding="utf-8")
)


def label_help() -> None:
    """Brings the script to the page. Call it once a page, outside of fragments."""
    with st.container(key="fitboard-label-help"):
        _script(key="fitboard-label-help-script")
