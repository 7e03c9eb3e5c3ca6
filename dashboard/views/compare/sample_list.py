"""Samples that two networks predicted differently: pictures, points in the plane, or rows of a table."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.charts.compare import Line
from dashboard.charts.disagreements import inputs_of, predicted_of, wrong_classes
from dashboard.charts.points import clouds, points_figure
from dashboard.charts.samples import pictures
from dashboard.components.live_chart import chart
from dashboard.components.markdown import plain, sentence
from dashboard.loaders import datasets
from trainer.comparison import Outcomes
from trainer.config import Config
from trainer.data import Kind, Schema
from trainer.errors import DataError, DownloadError
from trainer.format import count, counted
from trainer.tracking.predictions import Predictions

__all__ = ["Sampled", "draw_plane", "draw_sample_list"]

_PICTURE = 104
# Numbers of samples that are drawn as pictures, as rows, and as points.
_MOST_PICTURES, _MOST_ROWS, _MOST_POINTS = 48, 500, 2_000


class Sampled(NamedTuple):
    """Two networks with their predictions of the same samples, and how their runs are drawn.

    `config` is that of the first, whose id is `run_id`; it names the dataset.
    """

    config: Config | None
    run_id: str
    kept: tuple[Predictions, Predictions]
    lines: tuple[Line, Line]


def draw_sample_list(source: Sampled, places: NDArray[np.intp], order: str) -> None:
    """Draw samples with what both networks predicted; without their inputs if the data cannot be read.

    Args:
        source: the two networks.
        places: which samples, counted from 0 within the part.
        order: how the places are ordered, in words.
    """
    schema = _schema(source)
    are_pictures = schema is not None and schema.kind is Kind.IMAGES
    most = _MOST_PICTURES if are_pictures else _MOST_ROWS
    shown = places[:most]
    which = counted(len(places), "sample")
    st.caption(f"{which if len(places) <= most else f'{count(most)} of {which}'}, {order}.")
    x = None if schema is None else _inputs(source, shown)
    if x is not None and are_pictures:
        _pictures(source.kept, shown, x)
    else:
        _rows(source, shown, _columns(source, schema, x))


def _columns(source: Sampled, schema: Schema | None, x: NDArray[Any] | None) -> Mapping[str, Sequence[str]]:
    if source.config is None or schema is None or x is None:
        return {}
    return inputs_of(schema, x, datasets.words_by_token(source.config.dataset))


def draw_plane(source: Sampled, found: Outcomes) -> None:
    """Draw samples that are points in the plane, coloured by who classified them correctly."""
    schema = _schema(source, says=False)
    if schema is None or schema.kind is not Kind.POINTS:
        return
    parts = (found.only_first, found.only_second, found.neither)
    others = np.setdiff1d(np.arange(source.kept[0].samples), np.concatenate(parts))
    places = np.concatenate([*parts, others])[:_MOST_POINTS]
    x = _inputs(source, places, says=False)
    if x is not None:
        kinds = np.repeat(np.arange(4), [*map(len, parts), len(others)])[:_MOST_POINTS]
        names = [f"only {line.label}" for line in source.lines]
        st.caption("The samples, colored by which runs classified them correctly.")
        chart(points_figure(clouds(x, kinds, [*names, "neither", "both"])), key="compare.plane", bar=False)


def _schema(source: Sampled, *, says: bool = True) -> Schema | None:
    """Return the schema of the data; None, with the reason on the page unless not `says`, if they cannot be read."""
    try:
        return None if source.config is None else datasets.schema(source.config.dataset)
    except (DataError, DownloadError) as error:
        if says:
            st.caption(sentence(error))
        return None


def _inputs(source: Sampled, places: NDArray[np.intp], *, says: bool = True) -> NDArray[Any] | None:
    """Return unscaled samples; None, as for the schema, if they cannot be read."""
    if source.config is None:
        return None
    try:
        found = datasets.samples_at(source.config.dataset, places.tolist(), source.kept[0], run_id=source.run_id)
    except (DataError, DownloadError) as error:
        if says:
            st.caption(sentence(error))
        return None
    return found.x


def _rows(source: Sampled, places: NDArray[np.intp], inputs: Mapping[str, Sequence[str]]) -> None:
    columns = {**predicted_of(source.kept, [line.label for line in source.lines], places), **inputs}
    about = "probability of the predicted class" if source.kept[0].is_classification else "predicted − true"
    help_of = {name: f"In parentheses: {about}." for name in columns if name.startswith("predicted by ")}
    help_of["sample"] = "Index of the sample in this part of the data, starting at 0."
    st.dataframe(
        columns,
        hide_index=True,
        column_config={name: st.column_config.TextColumn(help=words) for name, words in help_of.items()},
        key="compare.samples.rows",
    )


def _pictures(kept: tuple[Predictions, Predictions], places: NDArray[np.intp], x: NDArray[Any]) -> None:
    # The style sheet draws images in containers whose key begins with `samples` with sharp pixels.
    with st.container(horizontal=True, gap="small", key="samples-compared"):
        images = pictures(x, np.zeros(len(x), np.int64), (), side=96)
        for place, picture in zip(places.tolist(), images, strict=True):
            st.image(picture.image, caption=_caption(kept, place), alt=f"Sample {place}", width=_PICTURE)


def _caption(kept: tuple[Predictions, Predictions], place: int) -> str:
    """Return what was predicted, of a classification only what is wrong, and what is true."""
    if not kept[0].is_classification:
        true, *predicted = (
            values[0] for values in list(predicted_of(kept, ("1", "2"), np.asarray([place])).values())[1:]
        )
        return plain(f"predicted {' and '.join(predicted)}, true {true}")
    true, wrong = wrong_classes(kept, place)
    words = (f"**{plain(name)}**" + (f" ({sure})" if sure else "") for name, sure in wrong)
    return f"predicted {' and '.join(words)}, true **{plain(true)}**"
