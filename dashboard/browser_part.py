"""Parts of a page that run in the browser, each with a style sheet and scripts beside its module."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["browser_part"]


def browser_part(name: str, folder: Path, *files: str, html: str) -> "ComponentRenderer":
    """Register a part with Streamlit and return the function that draws it.

    It has no shadow root: its elements are in the page's document, where other parts and the style sheets find them.

    Args:
        name: its name in Streamlit, `fitboard_…`.
        folder: the folder of its files.
        files: its style sheet and its scripts, by suffix; scripts run in this order.
        html: its elements before the script fills them.
    """
    texts = [(Path(file).suffix, (folder / file).read_text(encoding="utf-8")) for file in files]
    css, js = ("".join(text for suffix, text in texts if suffix == kind) for kind in (".css", ".js"))
    return st.components.v2.component(name, html=html, css=css, js=js, isolate_styles=False)
