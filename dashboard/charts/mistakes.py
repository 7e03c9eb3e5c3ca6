"""The samples that the network was most wrong about: as small images, or as rows of a table."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.charts.figures import empty_figure, framed, literal
from trainer.format import percent

__all__ = ["Mistake", "MistakesInfo", "mistakes_figure", "mistakes_info"]

_COLUMNS = 8
_MOST = 24
_CELL = 150


class Mistake(NamedTuple):
    """One sample told wrong, by its place in the part that was evaluated.

    `sample` is what the network saw, where it was kept: (height, width[, channels]).
    """

    place: int
    true: str
    predicted: str
    confidence: float
    sample: npt.NDArray[np.float64] | None


class MistakesInfo(NamedTuple):
    """The worst mistakes, the most confident first, and whether their samples are images."""

    mistakes: tuple[Mistake, ...]
    images: bool


def mistakes_info(document: object, labels: Sequence[str] = ()) -> MistakesInfo:
    """What `evaluation/mistakes.json` says: a list of `index`, `true`, `predicted`, `confidence` and perhaps `x`.

    Args:
        document: the file's content; anything else gives no mistakes.
        labels: the names of the classes, by number.
    """
    listed = document if isinstance(document, list) else []
    read = [_mistake(entry, labels) for entry in listed]
    mistakes = sorted((one for one in read if one is not None), key=lambda one: -one.confidence)[:_MOST]
    images = bool(mistakes) and all(one.sample is not None and _is_image(one.sample) for one in mistakes)
    return MistakesInfo(tuple(mistakes), images)


def _mistake(entry: Any, labels: Sequence[str]) -> Mistake | None:
    try:
        sample = None if entry.get("x") is None else np.asarray(entry["x"], dtype=float)
        return Mistake(
            int(entry["index"]),
            _named(entry["true"], labels),
            _named(entry["predicted"], labels),
            float(entry.get("confidence", math.nan)),
            sample,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _named(label: Any, labels: Sequence[str]) -> str:
    return labels[label] if isinstance(label, int) and 0 <= label < len(labels) else str(label)


def _is_image(sample: npt.NDArray[np.float64]) -> bool:
    return sample.ndim in {2, 3} and min(sample.shape[:2]) > 1 and (sample.ndim == 2 or sample.shape[2] in {1, 3, 4})


def mistakes_figure(info: MistakesInfo) -> go.Figure:
    """Images in a grid, each with what it was taken for and what it is."""
    if not info.mistakes or not info.images:
        return empty_figure("No images of mistakes", height=160)
    columns = min(_COLUMNS, len(info.mistakes))
    rows = math.ceil(len(info.mistakes) / columns)
    titles = [f"<b>{literal(one.predicted)}</b>, is {literal(one.true)}" for one in info.mistakes]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.015, vertical_spacing=0.2 / rows)
    for place, one in enumerate(info.mistakes):
        figure.add_trace(_picture(one), row=place // columns + 1, col=place % columns + 1)
    framed(figure, height=_CELL * rows + 30)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 30, "b": 0})
    figure.update_annotations(font_size=12)
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, constrain="domain", autorange="reversed", scaleratio=1)
    for place in range(len(info.mistakes)):
        axis = figure.get_subplot(place // columns + 1, place % columns + 1)
        axis.yaxis.scaleanchor = axis.yaxis.anchor
    return figure


def _picture(one: Mistake) -> go.Image:
    assert one.sample is not None  # noqa: S101 – `images` holds only where each has one
    pixels = one.sample if one.sample.ndim == 3 else one.sample[:, :, np.newaxis]
    low, high = float(np.nanmin(pixels)), float(np.nanmax(pixels))
    bytes_ = np.nan_to_num((pixels - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    colored = np.repeat(bytes_, 3, axis=2) if bytes_.shape[2] == 1 else bytes_[:, :, :3]
    sure = "" if math.isnan(one.confidence) else f"<br>{percent(one.confidence)} sure"
    return go.Image(z=colored, hovertemplate=f"sample {one.place}{sure}<extra></extra>")
