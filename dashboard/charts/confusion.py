"""The confusion matrix: how often each class was predicted as each class."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts.contrast import between, ink_on
from dashboard.charts.figures import SQUARE, empty_figure, framed, literal
from trainer.format import count, counted, percent

__all__ = ["MOST_NUMBERED", "ConfusionInfo", "confusion_figure", "confusion_info", "confusion_of_counts", "laid_out"]

MOST_NUMBERED = 25
"""With at most this many classes a cell has room for its number."""

_TICK = 14
# With at most this many classes numbers take any length, and names stand upright below the columns.
_ROOMY, _UPRIGHT = 10, 12

_Tones = npt.NDArray[np.float64]


class _Look(NamedTuple):
    """The colours of an empty and a full cell, for correct and for wrong predictions, and of the number 0."""

    correct: tuple[str, str]
    wrong: tuple[str, str]
    quiet: str


_LIGHT = _Look(("#f5f6f8", "#1f6fc4"), ("#f5f6f8", "#d55e00"), "#5b6270")
_DARK = _Look(("#1d2027", "#6c9bff"), ("#1d2027", "#ff9d4d"), "#a3a9b4")


class ConfusionInfo(NamedTuple):
    """Counts (classes, classes) by true class (row) and predicted class (column), and the most frequent confusions.

    `worst` holds (true, predicted, count), the most frequent first, at most five.
    """

    labels: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    worst: tuple[tuple[str, str, int], ...]

    @property
    def right(self) -> int:
        """The number of correctly classified samples."""
        return int(np.trace(self.counts))

    @property
    def total(self) -> int:
        """The number of evaluated samples."""
        return int(self.counts.sum())

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """The counts as per cent of their row; 0 in an empty row."""
        rows = self.counts.sum(axis=1, keepdims=True)
        shares = np.zeros(self.counts.shape)
        np.divide(100.0 * self.counts, rows, out=shares, where=rows > 0)
        return shares


def confusion_info(document: Mapping[str, Any] | None) -> ConfusionInfo | None:
    """Read `evaluation/confusion.json` (`labels`, `counts`); None if it is missing or not square."""
    try:
        labels = tuple(str(label) for label in (document or {})["labels"])
        counts = np.asarray((document or {})["counts"], dtype=np.int64)
    except (KeyError, TypeError, ValueError):
        return None
    if not labels or counts.shape != (len(labels), len(labels)):
        return None
    return confusion_of_counts(labels, counts)


def confusion_of_counts(labels: tuple[str, ...], counts: npt.NDArray[np.int64]) -> ConfusionInfo:
    """Return the matrix with its most frequent confusions; `counts` has a row and a column for each label."""
    missed = counts.copy()
    np.fill_diagonal(missed, 0)
    order = np.argsort(missed, axis=None, kind="stable")[::-1][:5]
    cells = [np.unravel_index(int(flat), counts.shape) for flat in order]
    worst = tuple((labels[row], labels[column], int(missed[row, column])) for row, column in cells)
    return ConfusionInfo(labels, counts, tuple(pair for pair in worst if pair[2]))


def confusion_figure(info: ConfusionInfo | None, *, share: bool = False, dark: bool = False) -> go.Figure:
    """Draw the matrix as two heat maps: correct predictions in blue, wrong ones in orange.

    A cell's colour is its share of its row, so that rare classes are as visible as common ones.

    Args:
        info: the matrix; None gives an empty figure.
        share: whether cells show per cent of their row instead of counts.
        dark: whether to use the colours of a dark page.
    """
    if info is None or not info.total:
        return empty_figure("No confusion matrix: no samples were evaluated", height=320)
    size = len(info.labels)
    look = _DARK if dark else _LIGHT
    has_numbers = size <= MOST_NUMBERED
    tones = _tones(info)
    correct = np.eye(size, dtype=bool)
    traces: list[go.Heatmap | go.Scatter] = [
        _cells(info, np.where(correct, tones, np.nan), look.correct, gap=has_numbers),
        _cells(info, np.where(correct, np.nan, tones), look.wrong, gap=has_numbers),
    ]
    if has_numbers:
        traces.append(_numbers(info, tones, look, share=share))
    return laid_out(traces, info.labels)


def laid_out(traces: list[go.Heatmap | go.Scatter], labels: tuple[str, ...]) -> go.Figure:
    """Return the figure of a matrix with true classes as rows from the top, and predicted classes as columns."""
    size = len(labels)
    height = min(900, max(380, 130 + 36 * size)) if size <= MOST_NUMBERED else 760
    figure = framed(go.Figure(traces), height=height)
    figure.update_layout(margin={"t": 12}, showlegend=False, meta=SQUARE)
    every = max(1, -(-size // 50))
    ticks = {
        "tickvals": list(range(0, size, every)),
        "ticktext": [literal(_short(label)) for label in labels[::every]],
        "range": [-0.5, size - 0.5],
        "showgrid": False,
        "constrain": "domain",
    }
    figure.update_xaxes(title="predicted", tickangle=0 if size <= _UPRIGHT else -90, **ticks)
    # Rows read from the top, as in a table.
    figure.update_yaxes(title="true", scaleanchor="x", constraintoward="top", **ticks | {"range": [size - 0.5, -0.5]})
    return figure


def _tones(info: ConfusionInfo) -> _Tones:
    """Return the strength of each cell's colour, 0 to 1, from its share of the row.

    Mistakes are rare: the square root of their share keeps one in a hundred visible.
    """
    shares = info.shares / 100
    return np.where(np.eye(len(shares), dtype=bool), shares, np.sqrt(shares))


def _cells(info: ConfusionInfo, tones: _Tones, scale: tuple[str, str], *, gap: bool) -> go.Heatmap:
    names = [literal(label) for label in info.labels]
    return go.Heatmap(
        z=tones,
        zmin=0,
        zmax=1,
        colorscale=[[0, scale[0]], [1, scale[1]]],
        showscale=False,
        hoverongaps=False,
        customdata=_told_by_cell(names, info),
        hovertemplate=(
            "%{customdata[0]}<br>predicted as %{customdata[1]}<br>"
            "%{customdata[2]}, %{customdata[3]} of the row<extra></extra>"
        ),
        xgap=1 if gap else 0,
        ygap=1 if gap else 0,
    )


def _numbers(info: ConfusionInfo, tones: _Tones, look: _Look, *, share: bool) -> go.Scatter:
    """Return the cells' numbers, each in a legible colour; a heat map has only one text colour for all cells."""
    size = len(info.labels)
    places = [(row, column) for row in range(size) for column in range(size)]
    texts = [_text(info, place, share=share) for place in places]
    return go.Scatter(
        x=[column for _, column in places],
        y=[row for row, _ in places],
        text=texts,
        mode="text",
        textfont={
            "color": [_ink(float(tones[place]), place, look) for place in places],
            "size": max(8, min(13, round(60 / max(len(text) for text in texts)))) if size > _ROOMY else 13,
        },
        hoverinfo="skip",
    )


def _text(info: ConfusionInfo, place: tuple[int, int], *, share: bool) -> str:
    return f"{info.shares[place]:.0f}" if share else count(int(info.counts[place]))


def _ink(tone: float, place: tuple[int, int], look: _Look) -> str:
    if not tone:
        return look.quiet
    return ink_on(between(*(look.correct if place[0] == place[1] else look.wrong), tone))


def _told_by_cell(names: list[str], info: ConfusionInfo) -> npt.NDArray[np.object_]:
    rows, columns = np.meshgrid(np.asarray(names, dtype=object), np.asarray(names, dtype=object), indexing="ij")
    counts = np.vectorize(lambda value: counted(int(value), "sample"), otypes=[object])(info.counts)
    shares = np.vectorize(lambda value: percent(value / 100), otypes=[object])(info.shares)
    return np.stack([rows, columns, counts, shares], axis=-1)


def _short(name: str) -> str:
    return name if len(name) <= _TICK else f"{name[:7]}…{name[-6:]}"
