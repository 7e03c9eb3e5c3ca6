"""A few samples of a file: rows, pictures or texts."""

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.loaders import own_data
from dashboard.loaders.own_data import Found
from trainer.data.profile import FileKind, Profile
from trainer.format import cut

__all__ = ["draw_samples"]

_LONGEST_TEXT = 400


def draw_samples(file: Found, about: Profile) -> None:
    """Draw the first rows of a table, or the first files of each class of a folder."""
    if file.kind is FileKind.IMAGES:
        st.markdown("## Samples")
        with st.container(horizontal=True, gap="small", key="samples-data"):
            for name, path in own_data.files_of(file):
                _picture(name, str(path))
    elif file.kind is FileKind.TEXT:
        st.markdown("## Samples")
        for name, path in own_data.files_of(file, count=4):
            with path.open("rb") as stream:
                text = stream.read(4 * _LONGEST_TEXT).decode("utf-8", errors="replace")
            st.caption(f"**{plain(name)}** {plain(cut(text, _LONGEST_TEXT))}")
    else:
        rows = own_data.rows_of(file, about.dialect, about.dataset.get("sheet"))
        if rows is not None and rows.rows:
            st.markdown("## First rows")
            # By position, since two columns may have the same name until the file is corrected.
            cells = [dict(zip(rows.names, row, strict=True)) for row in rows.rows]
            st.dataframe(cells, hide_index=True, key="data-rows")


def _picture(name: str, path: str) -> None:
    try:
        st.image(path, caption=plain(name), alt=f"Sample of {name}", width=96)
    except (OSError, ValueError):  # what Pillow raises for files that are no pictures
        st.caption(f"{plain(path.rpartition('/')[2])} cannot be read as an image.")
