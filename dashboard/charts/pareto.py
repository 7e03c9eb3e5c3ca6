"""The trials of a sweep with several objectives, and the Pareto front: those that no other is better than."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboard.charts.axes import value_axis
from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.tables import ChartTable
from trainer.format import is_finite, number
from trainer.sweeps import Trial, TrialState, best_trials

__all__ = ["ParetoInfo", "pareto_drawing", "pareto_info", "pareto_table"]

_HEIGHT = 340


class ParetoInfo(NamedTuple):
    """Two objectives of the complete trials: number, x and y of those on the front, by x, and of the others.

    With more objectives than the two that are drawn, a trial may be on the front for another one.
    """

    x: str
    y: str
    front: tuple[tuple[int, float, float], ...]
    others: tuple[tuple[int, float, float], ...]
    is_whole: bool


def pareto_info(
    trials: Sequence[Trial], objectives: Sequence[str], maximizes: Sequence[bool], *, x: str, y: str
) -> ParetoInfo:
    """Return the complete trials by the objectives `x` and `y`; the front is that of all objectives."""
    at, up = objectives.index(x), objectives.index(y)
    front = {each.number for each in best_trials(trials, maximizes)}
    points = [
        (each.number, each.results[at], each.results[up])
        for each in trials
        if each.state is TrialState.COMPLETE
        and len(each.results) == len(objectives)
        and is_finite(each.results[at])
        and is_finite(each.results[up])
    ]
    return ParetoInfo(
        x,
        y,
        tuple(sorted((each for each in points if each[0] in front), key=lambda each: each[1:])),
        tuple(each for each in points if each[0] not in front),
        len(objectives) == 2,
    )


def pareto_drawing(info: ParetoInfo) -> Drawing:
    """Draw the trials as points; the front is orange and, of two objectives, joined by a line."""
    if not info.front:
        return Drawing.of(empty_figure("Begins with the first complete trial", height=_HEIGHT))
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= value_axis() | {"title": {"text": literal(info.x), "standoff": 6}}
    layout["yaxis"] |= value_axis() | {"title": {"text": literal(info.y), "standoff": 6}}
    # Below the axis, since a phone breaks it into two lines, which would cover the title.
    layout["legend"] |= {"y": -0.2, "yanchor": "top"}
    layout |= {"title": titled("Pareto front"), "hovermode": "closest", "showlegend": True, "uirevision": "pareto"}
    others = _trace(info, info.others, "other trials") | {"marker": {"color": QUIET, "size": 7, "opacity": 0.7}}
    front = _trace(info, info.front, "Pareto front") | {
        "mode": "lines+markers" if info.is_whole else "markers",
        "line": {"color": PALETTE[1], "width": 1.5, "shape": "hv", "dash": "dot"},
        "marker": {"color": PALETTE[1], "size": 10},
    }
    return Drawing((*([others] if info.others else []), front), layout)


def _trace(info: ParetoInfo, points: Sequence[tuple[int, float, float]], name: str) -> dict[str, Any]:
    words = (f"{literal(info.x)}: {number(x)}<br>{literal(info.y)}: {number(y)}" for _, x, y in points)
    return {
        "type": "scatter", "mode": "markers", "x": [x for _, x, _ in points], "y": [y for _, _, y in points],
        "name": name, "text": [f"trial {at}<br>{each}" for (at, _, _), each in zip(points, words, strict=True)],
        "hovertemplate": "%{text}",
    }  # fmt: skip


def pareto_table(info: ParetoInfo) -> ChartTable:
    """Return a row per complete trial."""
    rows = sorted([(*each, True) for each in info.front] + [(*each, False) for each in info.others])
    return ChartTable(
        {
            "trial": [row[0] for row in rows],
            info.x: [row[1] for row in rows],
            info.y: [row[2] for row in rows],
            "on the front": [row[3] for row in rows],
        }
    )
