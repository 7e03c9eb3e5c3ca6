"""The charts of a sweep: its course or Pareto front, importances, and one chart of the trials at a time."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import permutations

import streamlit as st

from dashboard.charts.coloring import coloring
from dashboard.charts.drawing import Drawing
from dashboard.charts.figures import empty_figure
from dashboard.charts.importance import importance_drawing, importance_table
from dashboard.charts.parallel import parallel_drawing, parallel_info
from dashboard.charts.pareto import pareto_drawing, pareto_info, pareto_table
from dashboard.charts.sweep_course import course_drawing, course_info, course_table
from dashboard.charts.tables import ChartTable, variables_table
from dashboard.charts.trial_curves import trial_curves, trial_curves_drawing, trial_curves_table
from dashboard.charts.trial_slices import TrialSlice, slice_drawing
from dashboard.components.live_chart import chart, live_charts
from dashboard.components.markdown import plain
from dashboard.keys import SweepKey
from dashboard.loaders.sweep_importances import SweepImportances
from dashboard.loaders.sweeps import expected_of
from dashboard.views.sweep.settings import lines_of, result_of, variable_of
from trainer.comparison import Variable
from trainer.config.search import Dimension
from trainer.format import count, counted
from trainer.statistics import FEWEST_RUNS
from trainer.sweeps import Trial, TrialState, best_trials
from trainer.sweeps.following import Followed
from trainer.sweeps.importance import SWEEP_METHOD, SWEEP_RESAMPLES

__all__ = ["draw_course", "draw_importances", "draw_trial_charts"]

_MOST_SLICES, _MOST_AXES, _MOST_ROWS = 12, 7, 12
_COLORS = 12
_HEIGHT, _LOW = 400, 120


class _Chart(StrEnum):
    PARALLEL = "Parallel coordinates"
    SLICES = "Slices"
    CURVES = "Curves"


def draw_course(seen: Followed) -> None:
    """Draw the course of a single objective, or the Pareto front of several."""
    settings = seen.sweep.settings
    if len(settings.objective) > 1:
        _draw_front(seen)
        return
    is_higher = settings.maximizes[0]
    # A trial that was ended early or failed counts as one that found nothing.
    results = [each.results[0] if each.results else float("nan") for each in seen.trials if each.ended]
    expected = expected_of(results, higher_is_better=is_higher)
    info = course_info(seen.trials, settings.objective[0], higher_is_better=is_higher, expected=expected)
    chart(course_drawing(info), key="sweep.course", table=lambda: course_table(info))
    if expected:
        st.caption(
            "Expected best: the best result to expect of the first N trials if their order were random (Dodge et al. "
            "2019), with its 95 % interval, up to half of the trials. If it still rises there, more trials are likely "
            "to find better ones."
        )


def _draw_front(seen: Followed) -> None:
    names = seen.sweep.settings.objective
    x, y = names[0], names[1]
    if len(names) > 2:
        pairs = [f"{one} and {other}" for one, other in permutations(names, 2)]
        shown = st.selectbox("Objectives", pairs, key=SweepKey.OBJECTIVES, bind="query-params", width=420)
        x, y = next(pair for pair in permutations(names, 2) if f"{pair[0]} and {pair[1]}" == shown)
    info = pareto_info(seen.trials, names, seen.sweep.settings.maximizes, x=x, y=y)
    chart(pareto_drawing(info), key="sweep.pareto", table=lambda: pareto_table(info))
    front = counted(len(info.front), "trial")
    st.caption(f"{front} on the Pareto front: no other trial is at least as good in all objectives and better in one.")


def draw_importances(seen: Followed, known: SweepImportances) -> None:
    """Draw the importances of the settings, or say why there are none yet."""
    if len(seen.sweep.settings.objective) > 1:
        st.markdown("Importances are computed for sweeps with a single objective.")
        return
    name = plain(seen.sweep.settings.objective[0])
    if known.found:
        rows = known.found[:_MOST_ROWS]
        drawing = importance_drawing(rows, measure="share of importance")
        chart(drawing, key="sweep.importance", table=lambda: importance_table(known.found or ()))
        cut = f" The first {count(len(rows))} of {count(len(known.found))} settings are drawn." * (
            len(rows) < len(known.found)
        )
        st.caption(
            f"By {SWEEP_METHOD} over {counted(known.trials, 'complete trial')}: how far each setting decides whether a "
            f"trial is among the best tenth by {name}. The lines are 95 % bootstrap intervals over "
            f"{count(SWEEP_RESAMPLES)} resamples (seed 0); another method may rank otherwise.{cut}"
        )
    elif known.pending:
        st.markdown("Computing importances…")
    elif known.failed:
        st.markdown("The importances could not be computed; `fitboard doctor` checks the installation.")
    elif known.trials < FEWEST_RUNS:
        st.markdown(
            f"Importances need at least {count(FEWEST_RUNS)} complete trials, got {count(known.trials)}: with fewer, "
            "the order of settings would be mostly chance."
        )
    else:
        st.markdown(f"There are no importances: all complete trials have the same {name}.")


def draw_trial_charts(seen: Followed) -> None:
    """Draw the choice of a chart of all trials, and the chosen one."""
    offered = list(_Chart) if len(seen.sweep.settings.objective) == 1 else [_Chart.PARALLEL, _Chart.SLICES]
    shown = st.segmented_control(
        "Chart", offered, default=_Chart.PARALLEL, key=SweepKey.CHART, bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    done = [each for each in seen.trials if each.state is TrialState.COMPLETE]
    if shown == _Chart.CURVES:
        _draw_curves(seen)
    elif not done:
        # As high as the first chart will be, so that nothing below it moves then.
        words = "One line for each complete trial" if seen.live else "No complete trial"
        nothing = empty_figure(words, height=_HEIGHT if seen.live else _LOW)
        chart(Drawing.of(nothing), key="sweep.parallel")
    elif shown == _Chart.SLICES:
        _draw_slices(seen, done)
    else:
        _draw_parallel(seen, done)


def _draw_curves(seen: Followed) -> None:
    best = next(iter(best_trials(seen.trials, seen.sweep.settings.maximizes)), None)
    info = trial_curves(seen.trials, seen.sweep.settings.objective[0], None if best is None else best.number)
    chart(trial_curves_drawing(info), key="sweep.curves", table=lambda: trial_curves_table(info))


def _draw_parallel(seen: Followed, done: Sequence[Trial]) -> None:
    dimensions = seen.sweep.space.dimensions
    chosen = dimensions[:_MOST_AXES]
    if len(dimensions) > _MOST_AXES:
        names = [each.name for each in dimensions]
        asked = st.multiselect(
            "Axes", names, default=names[:_MOST_AXES], key=SweepKey.AXES, bind="query-params",
            help="The objectives are the last axes.",
        )  # fmt: skip
        chosen = tuple(each for each in dimensions if each.name in asked)
    lines, results = lines_of(done), _results(seen, done)
    variables = [*(variable_of(each, done) for each in chosen), *results]
    info = parallel_info(variables, lines)
    # Without a bar of colours, since they are those of an axis.
    colors = coloring(lines, results[0], steps=_COLORS)._replace(key=())
    drawing = parallel_drawing(info, colors, merged=True)
    chart(drawing, key="sweep.parallel", table=lambda: _table(done, variables))
    # Without the running ones: the words would come and go with each trial, and move the table below.
    left = sum(each.ended for each in seen.trials) - len(done)
    if left:
        st.caption(f"Complete trials only; {counted(left, 'other trial')} left out.")


def _draw_slices(seen: Followed, done: Sequence[Trial]) -> None:
    results = _results(seen, done)
    shown = seen.sweep.space.dimensions[:_MOST_SLICES]
    numbers = tuple(each.number for each in done)
    drawings = {each.name: slice_drawing(TrialSlice(numbers, variable_of(each, done), results[0])) for each in shown}
    live_charts(drawings, key="sweep.slices", tables=lambda name: _slice_table(seen, done, name))
    words = "Complete trials only, the later the darker. Other settings vary along with the one that is shown."
    if len(shown) < len(seen.sweep.space.dimensions):
        words += f" The first {count(len(shown))} of {count(len(seen.sweep.space.dimensions))} settings are drawn."
    st.caption(words)


def _results(seen: Followed, done: Sequence[Trial]) -> list[Variable]:
    return [result_of(name, at, done) for at, name in enumerate(seen.sweep.settings.objective)]


def _slice_table(seen: Followed, done: Sequence[Trial], name: str) -> ChartTable:
    dimension: Dimension = seen.sweep.space.dimension(name)
    return _table(done, [variable_of(dimension, done), *_results(seen, done)])


def _table(done: Sequence[Trial], variables: Sequence[Variable]) -> ChartTable:
    return variables_table([each.run_id for each in done], lines_of(done), variables)
