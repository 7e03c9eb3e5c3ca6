"""Samples that two networks predicted differently: pictures, or rows of a table."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import loaders
from dashboard.charts.compare import Line
from dashboard.charts.disagreements import inputs_of, predicted_of, wrong_classes
from dashboard.charts.samples import pictures
from dashboard.components.markdown import plain
from dashboard.loaders import datasets
from trainer.data import Kind, Schema
from trainer.errors import DataError, DownloadError
from trainer.tracking import Run
from trainer.tracking.predictions import Predictions

__all__ = ["draw_chosen_samples"]

_PICTURE = 104
_Pair = tuple[Predictions, Predictions]


def draw_chosen_samples(run: Run, kept: _Pair, lines: tuple[Line, Line], places: NDArray[np.intp]) -> None:
    """Draw samples with what both networks predicted; without their inputs if the data cannot be read.

    Args:
        run: the first network's run, whose config names the dataset.
        kept: the predictions of both, of the same samples.
        lines: how the two runs are drawn.
        places: which samples, counted from 0 within the part.
    """
    read = _read(run, kept[0], places)
    if read is not None and read[0].kind is Kind.IMAGES and kept[0].is_classification:
        _pictures(kept, places, read[1])
        return
    columns = predicted_of(kept, [line.label for line in lines], places)
    columns |= {} if read is None else inputs_of(*read)
    about = "probability of the predicted class" if kept[0].is_classification else "predicted − true"
    help_of = {name: f"In brackets: {about}." for name in columns if name.startswith("predicted by ")}
    help_of["sample"] = "Index of the sample in this part of the data, starting at 0."
    st.dataframe(
        columns,
        hide_index=True,
        column_config={name: st.column_config.TextColumn(help=words) for name, words in help_of.items()},
        key="compare.samples.rows",
    )


def _read(run: Run, kept: Predictions, places: NDArray[np.intp]) -> tuple[Schema, NDArray[Any]] | None:
    """Return the schema and the samples; None, with the reason on the page, if they cannot be read."""
    config = loaders.config(run)
    if config is None:
        return None
    try:
        schema = datasets.schema(config.dataset)
        return schema, datasets.samples_at(config.dataset, places.tolist(), kept, run_id=run.run_id).x
    except (DataError, DownloadError) as error:
        st.caption(plain(str(error)))
        return None


def _pictures(kept: _Pair, places: NDArray[np.intp], x: NDArray[Any]) -> None:
    # The style sheet draws images in containers whose key begins with `samples` with sharp pixels.
    with st.container(horizontal=True, gap="small", key="samples-compared"):
        images = pictures(x, np.zeros(len(x), np.int64), (), side=96)
        for place, picture in zip(places.tolist(), images, strict=True):
            st.image(picture.image, caption=_caption(kept, place), alt=f"Sample {place}", width=_PICTURE)


def _caption(kept: _Pair, place: int) -> str:
    true, wrong = wrong_classes(kept, place)
    words = (f"**{plain(name)}**" + (f" ({sure})" if sure else "") for name, sure in wrong)
    return f"predicted {' and '.join(words)}, true **{plain(true)}**"
