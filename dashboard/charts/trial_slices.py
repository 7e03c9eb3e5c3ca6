"""The objective over one setting of a sweep: a point per complete trial, the later the darker."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboard.charts.axes import value_axis
from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.contrast import between
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.scales import MISSING, Scale, is_logarithmic, scale_of
from trainer.comparison import Variable
from trainer.format import cut, number, one_line

__all__ = ["TrialSlice", "slice_drawing"]

_HEIGHT = 270
_LONGEST = 48
_ROOM = 0.08


class TrialSlice(NamedTuple):
    """The numbers of trials in their order, their values of a setting, and their results."""

    numbers: tuple[int, ...]
    setting: Variable
    objective: Variable


def slice_drawing(info: TrialSlice) -> Drawing:
    """Draw the points; trials to which the setting does not apply are left out."""
    places = [at for at, text in enumerate(info.setting.texts) if text is not None]
    if not places or info.objective.numbers is None:
        return Drawing.of(empty_figure("No complete trial has this setting", height=_HEIGHT))
    layout = frame(height=_HEIGHT)
    layout["yaxis"] |= value_axis() | {"title": {"text": literal(cut(info.objective.name, _LONGEST)), "standoff": 6}}
    x, across = _across(info.setting)
    layout["xaxis"] |= across
    layout |= {"title": titled(info.setting.name), "hovermode": "closest", "showlegend": False}
    last = max(1, len(info.numbers) - 1)
    trace = {
        "type": "scatter", "mode": "markers", "x": np.asarray([x[at] for at in places]),
        "y": np.asarray([info.objective.numbers[at] for at in places]), "name": literal(info.setting.name),
        "marker": {"size": 8, "opacity": 0.8, "color": [between(QUIET, PALETTE[0], at / last) for at in places]},
        "text": [_words(info, at) for at in places], "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    return Drawing((trace,), layout)


def _across(setting: Variable) -> tuple[Sequence[float], dict[str, Any]]:
    """Return where the values are along the x axis, and its layout."""
    if setting.numbers is not None and is_logarithmic(setting):
        return setting.numbers, {"type": "log", "dtick": 1, "tickformat": "~g"}
    if setting.numbers is not None:
        return setting.numbers, {"nticks": 6, "tickformat": ",~g"}
    scale: Scale = scale_of(setting)
    ticks = [(place, words) for place, words in scale.ticks if place != MISSING]
    layout = {"tickvals": [place for place, _ in ticks], "ticktext": [literal(words) for _, words in ticks]}
    return scale.places.tolist(), layout | {"range": [-_ROOM, 1 + _ROOM]}


def _words(info: TrialSlice, at: int) -> str:
    value = cut(one_line(info.setting.texts[at] or ""), _LONGEST)
    result = number((info.objective.numbers or ())[at])
    return "<br>".join(
        [
            f"trial {info.numbers[at]}",
            literal(f"{cut(one_line(info.setting.name), _LONGEST)}: {value}"),
            literal(f"{info.objective.name}: {result}"),
        ]
    )
