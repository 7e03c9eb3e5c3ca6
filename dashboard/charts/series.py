"""Windows of a time series: the past of a target, and the steps that follow."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.colors import PALETTE, faded
from dashboard.charts.figures import framed, literal
from dashboard.charts.tables import ChartTable
from trainer.format import cut, one_line

__all__ = ["Continuation", "continuations", "continuations_table", "series_figure"]

_LONGEST = 40


class Continuation(NamedTuple):
    """One window: the values of a target in the past, empty if they are no input, and in the following steps."""

    target: str
    past: NDArray[np.float64]
    following: NDArray[np.float64]

    @property
    def steps(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The numbers of the past steps, which end with 0, and of the following ones, which begin with 1."""
        return np.arange(1 - len(self.past), 1), np.arange(1, len(self.following) + 1)


def continuations(
    x: NDArray[Any], y: NDArray[Any], columns: Sequence[str], targets: Sequence[str]
) -> list[Continuation]:
    """Return the first target of each window.

    Args:
        x: the raw cells of the windows, (windows, past, columns).
        y: the targets of the following steps, (windows, steps × targets).
        columns: the names of the columns.
        targets: the names of the targets.
    """
    name = targets[0]
    place = list(columns).index(name) if name in columns else None
    found = []
    for cells, answers in zip(x, y, strict=True):
        past = [] if place is None else [np.nan if cell == "" else float(cell) for cell in cells[:, place]]
        found.append(Continuation(name, np.array(past, np.float64), np.asarray(answers, np.float64)[:: len(targets)]))
    return found


def continuations_table(drawn: Sequence[Continuation]) -> ChartTable:
    """Return a row for each step of each window."""
    rows = [
        (sample, int(step), float(value))
        for sample, each in enumerate(drawn, start=1)
        for steps, values in zip(each.steps, (each.past, each.following), strict=True)
        for step, value in zip(steps, values, strict=True)
    ]
    names = ("sample", "step", "value")
    return ChartTable({name: [row[place] for row in rows] for place, name in enumerate(names)})


def series_figure(drawn: Sequence[Continuation]) -> go.Figure:
    """Draw each window as a faint line, and the steps to predict as a strong one with points."""
    figure = framed(go.Figure(), height=210)
    for place, each in enumerate(drawn):
        color, (before, after) = PALETTE[place % len(PALETTE)], each.steps
        figure.add_scatter(
            x=before, y=each.past, mode="lines", name="past", line={"color": faded(color, 0.55), "width": 1.5},
            showlegend=False,
        )  # fmt: skip
        # From the last known value on, so that the line is not broken.
        joined = np.concatenate([each.past[-1:], each.following])
        figure.add_scatter(
            x=np.concatenate([before[-1:], after]), y=joined, mode="lines+markers", name="next", showlegend=False,
            line={"color": color, "width": 2}, marker={"size": 5},
        )  # fmt: skip
    title = literal(cut(one_line(drawn[0].target), _LONGEST)) if drawn else ""
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, dragmode=False)
    figure.update_xaxes(title="step, from the last known one")
    figure.update_yaxes(title=title)
    return figure
