"""Label help for the keyboard: it appears when the focus rests on a field, without a tab stop of its own."""

from pathlib import Path

import streamlit as st

__all__ = ["label_help"]

_script = st.components.v2.component(
    "fitboard_label_help", js=Path(__file__).with_name("label_help.js").read_text(encoding="utf-8")
)


def label_help() -> None:
    """Load the script. Call it once per page, outside fragments."""
    with st.container(key="fitboard-label-help"):
        _script(key="fitboard-label-help-script")
