"""The course of a sweep: the objective of each trial, the best so far, and the best to expect of a budget."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from dashboard.charts.axes import step_axis, value_axis
from dashboard.charts.colors import PALETTE, QUIET, faded
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.tables import ChartTable
from trainer.format import is_finite, number
from trainer.statistics import ExpectedBest
from trainer.sweeps import Trial, TrialState

__all__ = ["CourseInfo", "course_drawing", "course_info", "course_table"]

_HEIGHT = 340
_COMPLETE, _BEST = PALETTE[0], PALETTE[1]
_NOTHING: tuple[ExpectedBest, ...] = ()


class CourseInfo(NamedTuple):
    """The trials with a value, counted from 1: complete ones with their results, pruned ones with their last value.

    `best` is the best result after each complete trial; `expected` the expected best of 1, 2, … trials.
    """

    objective: str
    complete: tuple[tuple[int, float], ...]
    pruned: tuple[tuple[int, float], ...]
    best: tuple[tuple[int, float], ...]
    expected: tuple[ExpectedBest, ...]
    trials: int


def course_info(
    trials: Sequence[Trial],
    objective: str,
    *,
    higher_is_better: bool,
    expected: Sequence[ExpectedBest] = _NOTHING,
) -> CourseInfo:
    """Return the course of a sweep with a single objective, of its trials in order."""
    complete = tuple(
        (each.number + 1, each.results[0])
        for each in trials
        if each.state is TrialState.COMPLETE and each.results and is_finite(each.results[0])
    )
    pruned = tuple(
        (each.number + 1, each.course[max(each.course)])
        for each in trials
        if each.state is TrialState.PRUNED and each.course and is_finite(each.course[max(each.course)])
    )
    better = max if higher_is_better else min
    best = tuple(zip((at for at, _ in complete), accumulate((value for _, value in complete), better), strict=True))
    return CourseInfo(objective, complete, pruned, best, tuple(expected), len(trials))


def course_drawing(info: CourseInfo) -> Drawing:
    """Draw the trials as points, pruned ones as grey crosses, the best so far as a line, the expected one as a band."""
    if not info.complete and not info.pruned:
        return Drawing.of(empty_figure("Begins with the first complete trial", height=_HEIGHT))
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= step_axis([1, max(info.trials, 2)], "trials")
    layout["yaxis"] |= value_axis() | _range(info)
    # Below the axis, since a phone breaks it into two lines, which would cover the title.
    layout["legend"] |= {"y": -0.2, "yanchor": "top"}
    layout |= {"title": titled(info.objective), "hovermode": "closest", "uirevision": "course", "showlegend": True}
    return Drawing((*_expected(info), *_pruned(info), *_complete(info), *_best(info)), layout)


def _range(info: CourseInfo) -> dict[str, Any]:
    """Return the range of the results: a pruned or diverged trial far off would flatten all others."""
    values = sorted(value for _, value in info.complete)
    if len(values) < 8:
        return {}
    # Outer fences as in a box plot, at three times the distance of the quartiles.
    low, high = values[len(values) // 4], values[(3 * len(values)) // 4]
    room = 3 * (high - low)
    kept = [value for value in values if low - room <= value <= high + room]
    shown = [*kept, *(value for _, value in info.best[-1:])]
    least, most = min(shown), max(shown)
    margin = 0.06 * (most - least) or 0.5
    return {"range": [least - margin, most + margin]}


def _complete(info: CourseInfo) -> list[dict[str, Any]]:
    if not info.complete:
        return []
    return [
        _points(info.complete, "complete")
        | {"marker": {"color": _COMPLETE, "size": 7 if len(info.complete) < 200 else 5, "opacity": 0.75}}
    ]


def _pruned(info: CourseInfo) -> list[dict[str, Any]]:
    marker = {"color": QUIET, "size": 7, "symbol": "x-thin-open", "line": {"width": 1.5}}
    return [_points(info.pruned, "pruned") | {"marker": marker}] if info.pruned else []


def _points(points: Sequence[tuple[int, float]], name: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [at for at, _ in points], "y": [value for _, value in points],
        "name": name, "text": [f"trial {at - 1}: {number(value)}" for at, value in points],
        "hovertemplate": "%{text}",
    }  # fmt: skip


def _best(info: CourseInfo) -> list[dict[str, Any]]:
    if not info.best:
        return []
    last = (max(info.trials, info.best[-1][0]), info.best[-1][1])
    line = [*info.best, *([last] if last[0] > info.best[-1][0] else [])]
    return [
        {
            "type": "scatter", "mode": "lines", "x": [at for at, _ in line], "y": [value for _, value in line],
            "line": {"color": _BEST, "width": 2, "shape": "hv"}, "name": "best so far", "hoverinfo": "skip",
        }
    ]  # fmt: skip


def _expected(info: CourseInfo) -> list[dict[str, Any]]:
    if len(info.expected) < 2:
        return []
    x = [each.trials for each in info.expected]
    low, high = [each.low for each in info.expected], [each.high for each in info.expected]
    band = {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "y": [*high, *reversed(low)], "fill": "toself",
        "fillcolor": faded(QUIET, 0.22), "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
    mean = {
        "type": "scatter", "mode": "lines", "x": x, "y": [each.value for each in info.expected],
        "line": {"color": QUIET, "width": 1.5, "dash": "dash"}, "name": literal("expected best"),
        "text": [
            f"{each.trials} trials: {number(each.value)} ({number(each.low)} to {number(each.high)})"
            for each in info.expected
        ],
        "hovertemplate": "%{text}",
    }  # fmt: skip
    return [band, mean]


def course_table(info: CourseInfo) -> ChartTable:
    """Return a row per complete or pruned trial, with the best until then."""
    best = dict(info.best)
    rows = sorted(
        [(at, value, "complete") for at, value in info.complete] + [(*each, "pruned") for each in info.pruned]
    )
    return ChartTable(
        {
            "trial": [at - 1 for at, _, _ in rows],
            "state": [state for _, _, state in rows],
            info.objective: [value for _, value, _ in rows],
            "best so far": [best.get(at) for at, _, _ in rows],
        }
    )
