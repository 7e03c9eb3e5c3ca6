"""The objective of every trial by epoch, pruned trials in grey."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboard.charts.axes import step_axis, value_axis
from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, titled
from dashboard.charts.tables import ChartTable
from trainer.format import is_finite
from trainer.sweeps import Trial, TrialState

__all__ = ["TrialCurves", "trial_curves", "trial_curves_drawing", "trial_curves_table"]

_HEIGHT = 400
# (name, colour, width, opacity) by state, in the order in which they are drawn.
_STATES = {
    TrialState.FAILED: ("failed", PALETTE[3], 1.0, 0.5),
    TrialState.STOPPED: ("stopped", PALETTE[4], 1.0, 0.5),
    TrialState.PRUNED: ("pruned", QUIET, 1.0, 0.6),
    TrialState.COMPLETE: ("complete", PALETTE[0], 1.2, 0.45),
    TrialState.RUNNING: ("running", PALETTE[2], 1.6, 0.9),
}


class TrialCurves(NamedTuple):
    """The curves of a single objective; `best` is the number of the best trial, if any is complete."""

    objective: str
    trials: tuple[Trial, ...]
    best: int | None

    def of(self, state: TrialState) -> list[Trial]:
        """Return the trials in a state that have a curve, without the best one."""
        return [each for each in self.trials if each.state is state and each.course and each.number != self.best]


def trial_curves(trials: Sequence[Trial], objective: str, best: int | None) -> TrialCurves:
    """Return the curves of trials in order."""
    return TrialCurves(objective, tuple(trials), best)


def trial_curves_drawing(info: TrialCurves) -> Drawing:
    """Draw the curves of one state as a single trace, and the best trial's above all others."""
    epochs = [epoch for each in info.trials for epoch in each.course]
    if not epochs:
        return Drawing.of(empty_figure("Curves appear after the first epoch", height=_HEIGHT))
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= step_axis(epochs, "epoch")
    layout["yaxis"] |= value_axis()
    # Below the axis, since a phone breaks it into two lines, which would cover the title.
    layout["legend"] |= {"y": -0.2, "yanchor": "top"}
    layout |= {"title": titled(info.objective), "hovermode": "closest", "showlegend": True, "uirevision": "curves"}
    traces = [
        _trace(group, name, color, width, opacity)
        for state, (name, color, width, opacity) in _STATES.items()
        if (group := info.of(state))
    ]
    best = [each for each in info.trials if each.number == info.best and each.course]
    return Drawing((*traces, *(_trace([each], "best", PALETTE[1], 2.5, 1.0) for each in best)), layout)


def _trace(trials: Sequence[Trial], name: str, color: str, width: float, opacity: float) -> dict[str, Any]:
    x, y, words = [], [], []
    for each in trials:
        for epoch in sorted(each.course):
            x.append(float(epoch))
            y.append(each.course[epoch] if is_finite(each.course[epoch]) else np.nan)
            words.append(f"trial {each.number}")
        # A line breaks at NaN, so that all curves of a state are one trace.
        x.append(np.nan)
        y.append(np.nan)
        words.append("")
    return {
        "type": "scatter", "mode": "lines+markers" if all(len(each.course) < 2 for each in trials) else "lines",
        "x": np.asarray(x), "y": np.asarray(y), "name": name, "text": words, "opacity": opacity,
        "line": {"color": color, "width": width}, "hovertemplate": "%{text}, epoch %{x}: %{y:.5~g}<extra></extra>",
    }  # fmt: skip


def trial_curves_table(info: TrialCurves) -> ChartTable:
    """Return a row per trial and epoch."""
    rows = [(each, epoch) for each in info.trials for epoch in sorted(each.course)]
    return ChartTable(
        {
            "trial": [each.number for each, _ in rows],
            "state": [str(each.state) for each, _ in rows],
            "epoch": [epoch for _, epoch in rows],
            info.objective: [each.course[epoch] for each, epoch in rows],
        }
    )
