"""The page without an open file: an area to drop one on, a path to type, and the kept datasets."""

import time

import streamlit as st

from dashboard import state
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.errors import show_error
from dashboard.components.markdown import plain
from dashboard.data_state import NAME, PATH, data
from dashboard.loaders import own_data
from dashboard.navigation import DATA, link
from dashboard.views.data.drop import drop_area
from trainer.data.library import Entry, State
from trainer.errors import FitboardError
from trainer.format import ago, count, counted, readable_bytes

__all__ = ["draw_start"]

_TYPED = "data.path"


def draw_start(error: FitboardError | None = None) -> None:
    """Draw the ways to open a file, and why the last one could not be opened."""
    st.title("Data", anchor=False)
    if error is not None:
        show_error(error)
    against = reason_against(Role.RUN)
    if against:
        st.caption(f"You cannot open other files. {against}")
    else:
        _ways_to_open()
    opened = data.opened
    if opened is not None and not opened.name and error is None:
        words = f"Continue with {plain(opened.path.rpartition('/')[2])}"
        link(DATA, label=words, icon=":material/undo:", query_params={PATH: opened.path})
    _kept()


def _ways_to_open() -> None:
    with st.container(key="data-start", gap="medium"):
        drop_area()
        st.text_input(
            "Path on the machine that runs Fitboard",
            key=_TYPED,
            placeholder="/data/flights.csv, or a folder with a subfolder for each class",
            help="The file is read where it is, and not copied.",
            on_change=_open,
        )


def _open() -> None:
    path = (state.typed(_TYPED) or "").strip()
    if path:
        data.begin(path)


def _kept() -> None:
    entries = own_data.entries()
    st.markdown("## Kept datasets")
    if not entries:
        st.caption("None yet. A dataset that is kept under a name can be chosen in Build.")
    now = time.time()
    for place, entry in enumerate(entries):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"data-kept-{place}"):
            link(DATA, label=f"**{plain(entry.name)}**", query_params={NAME: entry.name}, width="content")
            st.caption(_facts(entry, now))


def _facts(entry: Entry, now: float) -> str:
    newest = entry.newest
    words = [
        str(entry.dataset["name"]),
        f"{counted(newest.rows, 'row')} × {count(newest.columns_in_all)}",
        readable_bytes(newest.size),
        f"version {len(entry.versions)}, {ago(round(newest.added * 1000), now)}",
    ]
    found = own_data.state_of(entry)
    if found is not State.CURRENT:
        words.append(":orange[the file has changed]" if found is State.CHANGED else ":red[the file is missing]")
    return " · ".join(words)
