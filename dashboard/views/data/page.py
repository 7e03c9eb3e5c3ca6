"""The Data page: a file to open, or what is in the open one."""

from pathlib import Path

import streamlit as st

from dashboard.components.errors import errors_shown
from dashboard.components.label_help import label_help
from dashboard.components.markdown import plain
from dashboard.data_state import Opened, data
from dashboard.loaders import own_data
from dashboard.views.data.keeping import draw_removal, removal_button
from dashboard.views.data.opened import draw_opened
from dashboard.views.data.start import draw_start
from trainer.errors import FitboardError

__all__ = ["render"]

_STYLE = Path(__file__).with_name("style.css")


def render() -> None:
    """Draw the page."""
    st.html(_STYLE)
    label_help()
    if data.done:
        st.toast(plain(data.done), icon=":material/check:")
        data.done = ""
    opened = _opened()
    if opened is None:
        draw_start()
        return
    draw_removal()
    try:
        file = own_data.found(opened.path)
    except FitboardError as error:
        draw_start(error)
        _kept_anyway(opened)
        return
    with errors_shown():
        draw_opened(opened, file)


def _opened() -> Opened | None:
    """Return what the address names, with the changes made to it in this session."""
    opened = data.opened
    if data.name:
        entry = own_data.entry_of(data.name)
        if opened is not None and opened.name == data.name and entry is not None:
            return opened
        if entry is None:
            st.warning(f"Dataset {plain(data.name)} not found; it may have been removed.", icon=":material/search_off:")
            data.name = ""
            return None
        data.edit(Opened.of(entry))
    elif data.path and (opened is None or opened.path != data.path or opened.name):
        data.edit(Opened(path=data.path))
    elif not data.path:
        return None
    return data.opened


def _kept_anyway(opened: Opened) -> None:
    """Draw what can be done with a kept dataset whose file is gone."""
    if opened.name:
        st.caption(f"{plain(opened.name)} is still kept; its runs are not affected.")
        removal_button(opened.name)
