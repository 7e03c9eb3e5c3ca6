"""A few samples of a dataset: images, points, rows or sequences."""

from typing import Final

import streamlit as st

from dashboard.charts.samples import pictures, rows, sequences
from dashboard.components.markdown import plain
from dashboard.loaders import datasets
from trainer.config import DatasetConfig
from trainer.config.series import Series
from trainer.data import Kind, Schema

__all__ = ["IMAGES_SHOWN", "show_samples"]

IMAGES_SHOWN: Final = 6
"""The number of images in the strip of samples."""

_MANY = {Kind.IMAGES: IMAGES_SHOWN, Kind.TABLE: 4, Kind.POINTS: 600, Kind.SEQUENCES: 3, Kind.SERIES: 3}


def show_samples(dataset: DatasetConfig, schema: Schema) -> None:
    """Draw images in a strip, rows as a table, points as a scatter plot, sequences as words, and series as lines."""
    found = datasets.preview(dataset, count=_MANY.get(schema.kind, 4))
    if found is None:
        return
    names = schema.class_names
    if schema.kind is Kind.IMAGES:
        with st.container(horizontal=True, key="samples", gap="small", wrap=False):
            for picture in pictures(found.x, found.y, names):
                st.image(picture.image, caption=plain(picture.label), alt=f"Sample labeled {picture.label}", width=52)
    elif schema.kind is Kind.POINTS:
        from dashboard.charts.points import clouds, clouds_table, points_figure
        from dashboard.components.live_chart import chart

        parted = clouds(found.x, found.y, names)
        chart(points_figure(parted), key="points", bar=False, table=lambda: clouds_table(parted))
    elif schema.kind is Kind.SEQUENCES and not schema.raw_names:
        for label, words in sequences(found.x, found.y, names, words=datasets.words_by_token(dataset)):
            st.caption(f"**{plain(label)}** {plain(words)}")
    elif isinstance(dataset, Series):
        from dashboard.charts.series import continuations, continuations_table, series_figure
        from dashboard.components.live_chart import chart

        drawn = continuations(found.x, found.y, schema.raw_names, dataset.target)
        chart(series_figure(drawn), key="series", bar=False, table=lambda: continuations_table(drawn))
    elif found.x.ndim == 2:
        columns = rows(found.x, found.y, schema.raw_names or schema.feature_names, names)
        # A table reads Markdown, in the names of columns too.
        cells = {plain(name): [plain(value) for value in values] for name, values in columns.items()}
        st.table(cells, border="horizontal", hide_index=True)
    else:
        st.caption(
            f"Arrays of shape {' × '.join(str(size) for size in schema.input_shape)}; the first samples range from "
            f"{found.x.min():.4g} to {found.x.max():.4g}."
        )
