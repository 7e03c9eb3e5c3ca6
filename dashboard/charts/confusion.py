"""The confusion matrix: which class was taken for which."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.express as px
import plotly.graph_objects as go

from dashboard.charts.figures import empty_figure, framed, literal

__all__ = ["ConfusionInfo", "confusion_figure", "confusion_info"]

_TICK = 14
_DARK = ["#1d2027", "#6c9bff"]
_WITH_NUMBERS = 25
"""Up to so many classes a cell has room for its number."""


class ConfusionInfo(NamedTuple):
    """Counts by true class (row) and predicted class (column), and the pairs most often mistaken.

    `worst` holds (true, predicted, count), the most frequent first, at most five.
    """

    labels: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    worst: tuple[tuple[str, str, int], ...]

    @property
    def right(self) -> int:
        """How many were told right."""
        return int(np.trace(self.counts))

    @property
    def total(self) -> int:
        """How many were tested."""
        return int(self.counts.sum())

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """The counts as per cent of their row; 0 where a row is empty."""
        rows = self.counts.sum(axis=1, keepdims=True)
        shares = np.zeros(self.counts.shape)
        np.divide(100.0 * self.counts, rows, out=shares, where=rows > 0)
        return shares


def confusion_info(document: Mapping[str, Any] | None) -> ConfusionInfo | None:
    """What `evaluation/confusion.json` says (`labels`, `counts`); None where it is missing or not square."""
    try:
        labels = tuple(str(label) for label in (document or {})["labels"])
        counts = np.asarray((document or {})["counts"], dtype=np.int64)
    except (KeyError, TypeError, ValueError):
        return None
    if not labels or counts.shape != (len(labels), len(labels)):
        return None
    missed = counts.copy()
    np.fill_diagonal(missed, 0)
    order = np.argsort(missed, axis=None, kind="stable")[::-1][:5]
    cells = [np.unravel_index(int(flat), counts.shape) for flat in order]
    worst = tuple((labels[row], labels[column], int(missed[row, column])) for row, column in cells)
    return ConfusionInfo(labels, counts, tuple(pair for pair in worst if pair[2]))


def confusion_figure(info: ConfusionInfo | None, *, share: bool = False, dark: bool = False) -> go.Figure:
    """The matrix as a heat map.

    Args:
        info: what was tested; None gives an empty figure.
        share: each cell as per cent of its row, instead of as a count.
        dark: in the colours of a dark page.
    """
    if info is None or not info.total:
        return empty_figure("No confusion matrix: nothing was tested", height=320)
    size = len(info.labels)
    numbers = size <= _WITH_NUMBERS
    names = [literal(label) for label in info.labels]
    figure = px.imshow(
        info.shares if share else info.counts,
        text_auto=False if not numbers else ".0f" if share else "d",
        color_continuous_scale=_DARK if dark else "Blues",
        aspect="equal",
    )
    unit = "%{z:.1f} % of them" if share else "%{z} times"
    figure.update_traces(
        customdata=_names_by_cell(names),
        hovertemplate="%{customdata[0]}<br>taken for %{customdata[1]}<br>" + unit + "<extra></extra>",
        xgap=1 if numbers else 0,
        ygap=1 if numbers else 0,
    )
    framed(figure, height=min(900, max(380, 130 + 36 * size)) if numbers else 760)
    figure.update_layout(coloraxis_showscale=False, margin={"t": 12})
    every = max(1, -(-size // 50))
    ticks = {
        "tickvals": list(range(0, size, every)),
        "ticktext": [literal(_short(label)) for label in info.labels[::every]],
    }
    figure.update_xaxes(title="predicted", showgrid=False, tickangle=0 if size <= 12 else -90, **ticks)
    figure.update_yaxes(title="true", showgrid=False, **ticks)
    return figure


def _names_by_cell(names: list[str]) -> npt.NDArray[np.object_]:
    rows, columns = np.meshgrid(np.asarray(names, dtype=object), np.asarray(names, dtype=object), indexing="ij")
    return np.stack([rows, columns], axis=-1)


def _short(name: str) -> str:
    return name if len(name) <= _TICK else f"{name[:7]}…{name[-6:]}"
