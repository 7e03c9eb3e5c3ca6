"""The difference of two confusion matrices of the same samples."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts.confusion import MOST_NUMBERED, laid_out
from dashboard.charts.contrast import between, ink_on
from dashboard.charts.figures import empty_figure, literal
from trainer.format import counted

__all__ = ["confusion_difference_figure", "signed_count"]

# The colours of a cell without a difference, and where the second network is better and worse.
_LIGHT = ("#f5f6f8", "#1f6fc4", "#d55e00")
_DARK = ("#1d2027", "#6c9bff", "#ff9d4d")
_ROOMY = 10
_Counts = npt.NDArray[np.int64]


def confusion_difference_figure(
    labels: tuple[str, ...], first: _Counts, second: _Counts, *, dark: bool = False
) -> go.Figure:
    """Draw the second matrix minus the first as a heat map.

    Cells in which the second network is better, with more correct or fewer wrong predictions, are blue; cells in which
    it is worse are orange. The strength is the difference as a share of the largest one.

    Args:
        labels: the names of the classes.
        first: counts (classes, classes) by true class (row) and predicted class (column).
        second: the same of the other network.
        dark: whether to use the colours of a dark page.
    """
    change = second - first
    if not change.any():
        return empty_figure("The two matrices are the same", height=320)
    size = len(labels)
    quiet, better, worse = _DARK if dark else _LIGHT
    # Fewer predictions beside the diagonal are fewer mistakes.
    gain = np.where(np.eye(size, dtype=bool), change, -change) / np.abs(change).max()
    names = np.asarray([literal(label) for label in labels], dtype=object)
    rows, columns = np.meshgrid(names, names, indexing="ij")
    words = np.vectorize(_words, otypes=[object])(change)
    cells = go.Heatmap(
        z=gain,
        zmin=-1,
        zmax=1,
        colorscale=[[0, worse], [0.5, quiet], [1, better]],
        showscale=False,
        customdata=np.stack([rows, columns, words], axis=-1),
        hovertemplate="%{customdata[0]}<br>predicted as %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        xgap=1 if size <= MOST_NUMBERED else 0,
        ygap=1 if size <= MOST_NUMBERED else 0,
    )
    traces: list[go.Heatmap | go.Scatter] = [cells]
    if size <= MOST_NUMBERED:
        places = [(row, column) for row in range(size) for column in range(size) if change[row, column]]
        inks = [
            ink_on(between(quiet, better if gain[place] > 0 else worse, abs(float(gain[place])))) for place in places
        ]
        traces.append(_numbers(places, [signed_count(int(change[place])) for place in places], inks, size))
    return laid_out(traces, labels)


def signed_count(value: int) -> str:
    """Return an integer with its sign and thousands separators.

    >>> signed_count(1200), signed_count(-3), signed_count(0)
    ('+1,200', '−3', '0')
    """
    return f"{value:+,}".replace("-", "−") if value else "0"


def _words(value: int) -> str:
    return f"{counted(abs(int(value)), 'sample')} {'more' if value > 0 else 'fewer'}" if value else "no difference"


def _numbers(places: list[tuple[int, int]], texts: list[str], inks: list[str], size: int) -> go.Scatter:
    longest = max(len(text) for text in texts)
    return go.Scatter(
        x=[column for _, column in places],
        y=[row for row, _ in places],
        text=texts,
        mode="text",
        textfont={"color": inks, "size": max(8, min(13, round(60 / longest))) if size > _ROOMY else 13},
        hoverinfo="skip",
    )
