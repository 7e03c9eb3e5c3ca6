"""The charts of a report: groups as means with intervals where a config has several runs, else a line per run."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboard.charts.compare import Line, compare_figure, compare_info, lines
from dashboard.charts.groups import groups_figure, groups_info
from dashboard.report.material import Material

__all__ = ["drawn_lines", "has_groups", "report_figures"]


def has_groups(shown: Material) -> bool:
    """Return whether a line stands for several runs of one config."""
    return any(len(side.finished) > 1 for side in shown.sides)


def drawn_lines(shown: Material) -> tuple[Line, ...]:
    """Return the line of each run or, with groups, of each side."""
    if has_groups(shown):
        names = dict(zip((side.first.run_id for side in shown.sides), shown.side_labels, strict=True))
        return lines(list(names), names)
    return lines([run.run_id for run in shown.runs], shown.labels)


def report_figures(shown: Material) -> Mapping[str, go.Figure]:
    """Return the chart of each metric that has curves."""
    drawn = drawn_lines(shown)
    if not has_groups(shown):
        return {name: compare_figure(compare_info(name, series, drawn)) for name, series in shown.curves.items()}
    members = [(line, [run.run_id for run in side.runs]) for line, side in zip(drawn, shown.sides, strict=True)]
    return {name: groups_figure(groups_info(name, series, members)) for name, series in shown.curves.items()}
