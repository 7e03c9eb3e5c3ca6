"""The charts of the compared runs or groups, and the caption below them."""

import sys
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import loaders
from dashboard.charts.compare import CompareInfo, Line, View, compare_drawing, compare_info
from dashboard.charts.groups import GroupsInfo, groups_drawing, groups_info
from dashboard.charts.places import Axis
from dashboard.charts.tables import ChartTable, curves_table, groups_table
from dashboard.components.live_chart import live_charts, zooms
from dashboard.components.markdown import plain
from dashboard.views.compare.controls import Choice, Group
from dashboard.views.compare.histories import Histories, histories, steps_words
from dashboard.views.compare.tables import run_mark
from trainer.format import count, counted, is_finite
from trainer.statistics import Ends, count_words
from trainer.tracking import Run

__all__ = ["draw_curves", "draw_group_curves"]

_KEY = "compare.charts"


def draw_curves(runs: Sequence[Run], drawn: Sequence[Line], chosen: Choice) -> None:
    """Draw a chart per chosen metric with a line per run, in a fragment that a zoom redraws alone."""
    st.fragment(_curves)(runs, _found(runs, chosen), drawn, chosen)


def draw_group_curves(runs: Sequence[Run], groups: Sequence[Group], drawn: Sequence[Line], chosen: Choice) -> None:
    """Draw a chart per chosen metric with a line per group; `drawn` has a line per run."""
    st.fragment(_group_curves)(runs, _found(runs, chosen), groups, drawn, chosen)


def _curves(runs: Sequence[Run], found: Histories, drawn: Sequence[Line], chosen: Choice) -> None:
    views, log, starts = _views(chosen), _logarithmic(found, chosen), _starts(runs)
    infos = {
        metric: compare_info(metric, series, drawn, views[metric], starts=starts)
        for metric, series in found.series.items()
    }
    figures = {
        metric: compare_drawing(
            info, unit=found.unit(metric), log_x=chosen.log_x, log_y=log[metric], east=views[metric].east
        )
        for metric, info in infos.items()
    }
    if figures:
        thinned = [info.metric for info in infos.values() if info.drawn < info.points]

        def table(metric: str) -> ChartTable:
            series = found.series[metric]
            having = [line for line in drawn if line.run_id in series]
            curves = [({"run_id": line.run_id, "run": line.label}, series[line.run_id]) for line in having]
            return curves_table(curves, unit=found.unit(metric), smoothing=chosen.smoothing)

        live_charts(figures, key=_KEY, thinned=thinned, tables=table)
    _say(_points_words(list(infos.values())), found, drawn, chosen)


def _group_curves(
    runs: Sequence[Run], found: Histories, groups: Sequence[Group], drawn: Sequence[Line], chosen: Choice
) -> None:
    views, log, starts = _views(chosen), _logarithmic(found, chosen), _starts(runs)
    members = [(group.line, [run.run_id for run in group.runs]) for group in groups]
    infos = {
        metric: groups_info(metric, series, members, views[metric], ends=chosen.ends, starts=starts)
        for metric, series in found.series.items()
    }
    figures = {
        metric: groups_drawing(
            info, unit=found.unit(metric), log_x=chosen.log_x, log_y=log[metric], east=views[metric].east,
            singles=chosen.singles,
        )
        for metric, info in infos.items()
    }  # fmt: skip
    if figures:
        thinned = [info.metric for info in infos.values() if any(band.left_out for band in info.bands)]

        def table(metric: str) -> ChartTable:
            view = views[metric]._replace(window=None, most=sys.maxsize)
            whole = groups_info(metric, found.series[metric], members, view, ends=chosen.ends, starts=starts)
            return groups_table(whole, unit=found.unit(metric))

        live_charts(figures, key=_KEY, thinned=thinned, tables=table)
    _say(_bands_words(list(infos.values()), groups, found, chosen), found, drawn, chosen)


def _found(runs: Sequence[Run], chosen: Choice) -> Histories:
    # Outside of the fragment, so that a zoom reads nothing, and an error of the store is the page's.
    logged = loaders.metric_curves(runs, chosen.metrics)
    return histories(runs, logged, chosen.metrics, as_logged=chosen.axis is Axis.STEP)


def _views(chosen: Choice) -> dict[str, View]:
    """Return metric → how its curves are drawn."""
    # The browser reports minutes west of UTC; None outside of a browser.
    east, windows = -(st.context.timezone_offset or 0), zooms(_KEY)
    return {metric: View(chosen.axis, chosen.smoothing, east, windows.get(metric)) for metric in chosen.metrics}


def _say(words: str, found: Histories, drawn: Sequence[Line], chosen: Choice) -> None:
    names = {line.run_id: line.label for line in drawn}
    linear = [metric for metric, is_log in _logarithmic(found, chosen).items() if chosen.log and not is_log]
    said = [f"Linear, since values of 0 or less have no logarithm: {plain(', '.join(linear))}."] if linear else []
    epochs = [] if chosen.axis.is_time else steps_words(found, names)
    st.caption(" ".join([words, *said, *epochs]))


def _logarithmic(found: Histories, chosen: Choice) -> dict[str, bool]:
    """Return metric → whether its y axis is logarithmic."""
    if not chosen.log:
        return dict.fromkeys(found.series, False)
    return {
        metric: all(value > 0 for each in series.values() for value in each.values if is_finite(value))
        for metric, series in found.series.items()
    }


def _starts(runs: Sequence[Run]) -> dict[str, int]:
    return {run.run_id: run.started_at for run in runs if run.started_at is not None}


def _points_words(infos: Sequence[CompareInfo]) -> str:
    points, drawn = sum(info.points for info in infos), sum(info.drawn for info in infos)
    if not points:
        return "Curves appear after the first epoch." if infos else "No metric is chosen."
    words = counted(points, "point")
    more = "including every peak and dip. Zoom in to see all points"
    return f"{words}." if drawn >= points else f"{words}, {count(drawn)} drawn, {more}."


def _bands_words(infos: Sequence[GroupsInfo], groups: Sequence[Group], found: Histories, chosen: Choice) -> str:
    """Return, in Markdown, how many runs each line averages, and where that number drops."""
    said = []
    for group in groups:
        bands = [(band, found.unit(info.metric)) for info in infos for band in info.bands if band.line == group.line]
        numbers = dict.fromkeys(count_words(band.course.ends, unit) for band, unit in bands)
        said.append(f"{run_mark(group.line)}: {' or '.join(numbers) or 'n 0'}")
    unit = found.unit(infos[0].metric) if infos else "epoch"
    across = f" Each {unit} is drawn at its mean time over the runs." if infos and chosen.axis.is_time else ""
    faint = ", and faint lines are single runs" if chosen.singles else ""
    return (
        f"{' · '.join(said)}. Lines are {_MEANS[chosen.ends].format(unit=unit)}; bands are 95 % confidence intervals "
        f"(Student's t){faint}.{across}"
    )


_MEANS: Mapping[Ends, str] = {
    Ends.ALL: "means over the {unit}s that all runs of a group reached",
    Ends.CARRIED: "means over all runs of a group, with the last value of each ended run carried forward",
    Ends.PRESENT: "means over the runs of a group that reached the {unit}, which jump where n falls",
}
