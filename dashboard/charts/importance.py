"""How much each setting matters for a metric, as points with intervals."""

from collections.abc import Sequence

from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure, frame, literal
from dashboard.charts.tables import ChartTable
from trainer.format import cut, number, one_line
from trainer.statistics import Importance

__all__ = ["importance_drawing", "importance_table"]

_ROW, _AROUND = 26, 84
_LONGEST = 32


def importance_drawing(found: Sequence[Importance], *, measure: str = "drop in R² when shuffled") -> Drawing:
    """Draw a row per setting, the most important at the top, with its 95 % interval; 0 is no importance.

    Args:
        found: the importances.
        measure: what the numbers are, for the axis.
    """
    if not found:
        return Drawing.of(empty_figure("No importances", height=_AROUND))
    rows = list(range(len(found)))
    layout = frame(height=_ROW * len(found) + _AROUND)
    layout["xaxis"] |= {
        "title": {"text": literal(measure), "standoff": 6}, "tickformat": "~g", "nticks": 8,
        "zeroline": True, "zerolinecolor": QUIET,
    }  # fmt: skip
    layout["yaxis"] |= {
        "tickvals": rows, "ticktext": [literal(cut(one_line(each.param), _LONGEST)) for each in found],
        "range": [len(found) - 0.5, -0.5], "fixedrange": True,
    }  # fmt: skip
    layout |= {"hovermode": "closest", "showlegend": False, "margin": {"l": 48, "r": 12, "t": 30, "b": 36}}
    trace = {
        "type": "scatter", "mode": "markers", "x": [each.value for each in found], "y": rows, "name": "importance",
        "marker": {"color": PALETTE[0], "size": 10},
        "error_x": {
            "type": "data", "symmetric": False, "thickness": 1.5, "color": PALETTE[0],
            "array": [each.high - each.value for each in found],
            "arrayminus": [each.value - each.low for each in found],
        },
        "text": [
            f"{literal(cut(one_line(each.param), _LONGEST))}: {number(each.value, 3)}, "
            f"95 % interval {number(each.low, 3)} to {number(each.high, 3)}"
            for each in found
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    return Drawing((trace,), layout)


def importance_table(found: Sequence[Importance]) -> ChartTable:
    """Return a row per setting with its importance and the 95 % interval."""
    names = {"setting": "param", "importance": "value", "low": "low", "high": "high"}
    return ChartTable({title: [getattr(each, name) for each in found] for title, name in names.items()})
