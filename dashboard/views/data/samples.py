"""A few samples of a file: rows, pictures or texts."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.loaders import own_data
from dashboard.loaders.own_data import Found
from trainer.data.profile import FileKind, Profile
from trainer.data.profile.pictures import Sample
from trainer.format import cut

__all__ = ["draw_samples"]

_LONGEST_TEXT = 400


def draw_samples(file: Found, about: Profile) -> None:
    """Draw the first rows of a table, or the first files of each class."""
    if file.kind is FileKind.IMAGES:
        _pictures(own_data.pictures_of(file))
    elif file.kind is FileKind.TEXT:
        st.markdown("## Samples")
        for name, path in own_data.texts_of(file, count=4):
            with path.open("rb") as stream:
                text = stream.read(4 * _LONGEST_TEXT).decode("utf-8", errors="replace")
            st.caption(f"**{plain(name)}** {plain(cut(text, _LONGEST_TEXT))}")
    else:
        rows = own_data.rows_of(file, about.dialect, about.dataset.get("sheet"))
        if rows is not None and about.dataset.get("name") == FileKind.IMAGES:
            _pictures(own_data.pictures_in(file, rows, about.dataset))
        if rows is not None and rows.rows:
            st.markdown("## First rows")
            # By position, since two columns may have the same name until the file is corrected.
            cells = [dict(zip(rows.names, row, strict=True)) for row in rows.rows]
            st.dataframe(cells, hide_index=True, key="data-rows")


def _pictures(samples: Sequence[Sample]) -> None:
    if not samples:
        return
    st.markdown("## Samples")
    with st.container(horizontal=True, gap="small", key="samples-data"):
        for sample in samples:
            _picture(sample)


def _picture(sample: Sample) -> None:
    if sample.pixels is None:
        st.caption(f"{plain(sample.name)} {plain(sample.reason)}.", width=96)
        return
    st.image(sample.pixels, caption=plain(sample.label), alt=f"Sample of {sample.label}", width=96)
