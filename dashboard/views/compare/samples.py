"""Where two networks differ on the samples that both predicted."""

from collections.abc import Mapping, Sequence, Sized
from functools import partial

import numpy as np
import streamlit as st

from dashboard import loaders, state
from dashboard.charts.compare import Line
from dashboard.charts.confusion import confusion_figure, confusion_of_counts
from dashboard.charts.confusion_difference import confusion_difference_figure
from dashboard.charts.paired_errors import paired_errors_figure
from dashboard.charts.tables import ChartTable, matrix_table
from dashboard.components.errors import errors_shown
from dashboard.components.live_chart import chart
from dashboard.components.markdown import plain
from dashboard.loaders.networks import kept_predictions
from dashboard.state import CompareKey
from dashboard.views.compare.controls import Group
from dashboard.views.compare.sample_list import Sampled, draw_plane, draw_sample_list
from dashboard.views.compare.tables import run_mark
from trainer.comparison import confusion_of, error_gaps, outcomes_of, why_not_paired
from trainer.format import count, counted, cut, percent
from trainer.tracking import Run, Status
from trainer.tracking.predictions import Predictions

__all__ = ["draw_samples"]

_FIRST, _SECOND = "compare.sampled.first", "compare.sampled.second"
_WAY, _WAYS = "compare.outcome", ("only_first", "only_second", "neither")
# Number of points in a chart, and of characters of a run's name on a button.
_MOST_POINTS, _NAME = 2_000, 32
_MEANS = "Absolute errors, averaged over the targets"


def draw_samples(runs: Sequence[Run], drawn: Sequence[Line], groups: Sequence[Group] = ()) -> None:
    """Draw the part of the page about two finished runs; `drawn` has a line per run.

    At first these are runs of two groups, if runs are shown by group.

    Runs of other programs keep no predictions; nothing is drawn unless Fitboard made two.
    """
    finished = {run.run_id: run for run in runs if run.by_fitboard and run.status is Status.FINISHED}
    if len(finished) > 1:
        st.markdown("## Samples")
        # The rest of the page does without the predictions.
        with errors_shown():
            _samples(finished, {line.run_id: line for line in drawn}, groups)


def _samples(runs: Mapping[str, Run], lines: Mapping[str, Line], groups: Sequence[Group]) -> None:
    first, second = _pair(list(runs), lines, groups)
    one, other = (kept_predictions(runs[run_id]) for run_id in (first, second))
    why = why_not_paired((runs[first], one), (runs[second], other))
    if why is not None or one is None or other is None:
        st.caption(plain(f"The two runs cannot be compared sample by sample. {why}"))
        return
    details = _classification if one.is_classification else _regression
    # Read here, so that a click in the fragment reads nothing from the store.
    source = Sampled(loaders.config(runs[first]), first, (one, other), (lines[first], lines[second]))
    st.fragment(details)(source)


def _pair(ids: Sequence[str], lines: Mapping[str, Line], groups: Sequence[Group]) -> tuple[str, str]:
    """Return the ids of the two runs: those in the address, else the baseline and the first other run."""
    asked = [run_id for run_id in state.compare.sampled if run_id in ids][:2]
    first = asked[0] if asked else state.compare.baseline if state.compare.baseline in ids else ids[0]
    second = asked[1] if len(asked) > 1 else _another(ids, first, groups)
    if len(ids) < 3:
        return first, second
    state.follow(_FIRST, first)
    state.follow(_SECOND, second)
    with st.container(horizontal=True, gap="medium"):
        for label, key, options in (
            ("First run", _FIRST, ids),
            ("Second run", _SECOND, [run_id for run_id in ids if run_id != first]),
        ):
            st.selectbox(
                label, options, format_func=lambda run_id: lines[run_id].label, key=key, width=420,
                on_change=_take_over,
            )  # fmt: skip
    return first, second


def _another(ids: Sequence[str], first: str, groups: Sequence[Group]) -> str:
    """Return the first other run, of another group if there is one."""
    group_of = {run.run_id: group.line.run_id for group in groups for run in group.runs}
    others = [run_id for run_id in ids if run_id != first]
    return next((run_id for run_id in others if group_of.get(run_id) != group_of.get(first)), others[0])


def _take_over() -> None:
    chosen = (state.typed(_FIRST), state.typed(_SECOND))
    # One run on both sides: the other side is chosen anew.
    state.compare.sampled = [run_id for run_id in dict.fromkeys(chosen) if run_id]


def _is_open() -> bool:
    """Draw the switch of the details, which are read only if they are wanted."""
    words = "Confusion matrices, or errors, of the two runs, and the samples on which they differ."
    return st.toggle("Show samples", key=CompareKey.SAMPLES, bind="query-params", help=words)


def _classification(source: Sampled) -> None:
    (one, other), pair = source.kept, source.lines
    found = outcomes_of(one, other)
    first, second = (run_mark(line) for line in pair)
    st.markdown(
        f"Of {counted(one.samples, f'{one.part} sample')}, **{count(found.both)}** were classified correctly by both "
        f"runs, **{count(len(found.only_first))}** only by {first}, **{count(len(found.only_second))}** only by "
        f"{second}, and **{count(len(found.neither))}** by neither."
    )
    if not _is_open():
        return
    _matrices(one, other, pair)
    draw_plane(source, found)
    names = (f"Only {_short(pair[0])}", f"Only {_short(pair[1])}", "Neither")
    ways = dict(zip(_WAYS, (found.only_first, found.only_second, found.neither), strict=True))
    words = {way: f"{name}: {count(len(ways[way]))}" for way, name in zip(_WAYS, names, strict=True)}
    way = st.segmented_control(
        "Classified correctly by", _WAYS, format_func=lambda each: words[each], default=_at_first(ways), key=_WAY,
        required=True,
    )  # fmt: skip
    places = ways[way or _WAYS[0]]
    if not len(places):
        st.caption("There are no such samples.")
        return
    draw_sample_list(source, places, "the most confident mistakes first")


def _at_first(ways: Mapping[str, Sized]) -> str:
    """Return the way with the most samples on which the two differ."""
    return max(_WAYS[:2], key=lambda way: len(ways[way]))


def _matrices(one: Predictions, other: Predictions, pair: tuple[Line, Line]) -> None:
    """Draw the confusion matrices side by side, and the second minus the first."""
    counts = [confusion_of(kept) for kept in (one, other)]
    columns = st.columns(3, gap="small")
    for place, (column, line, matrix) in enumerate(zip(columns, pair, counts, strict=False)):
        info = confusion_of_counts(one.labels, matrix)
        with column:
            st.markdown(f"{run_mark(line)}: {percent(info.right / info.total) if info.total else '–'} correct")
            chart(
                confusion_figure(info), key=f"compare.confusion.{place}", bar=False,
                dark=confusion_figure(info, dark=True), table=partial(matrix_table, one.labels, matrix),
            )  # fmt: skip
    with columns[2]:
        st.markdown(
            "Second minus first", help="Blue: more correct or fewer wrong predictions of the second run. Orange: worse."
        )
        light, dark = (
            confusion_difference_figure(one.labels, counts[0], counts[1], dark=dark) for dark in (False, True)
        )
        table = partial(matrix_table, one.labels, counts[1] - counts[0])
        chart(light, key="compare.confusion.difference", bar=False, dark=dark, table=table)


def _regression(source: Sampled) -> None:
    (one, other), pair = source.kept, source.lines
    gaps = error_gaps(one, other)
    first, second = (run_mark(line) for line in pair)
    st.markdown(
        f"Of {counted(one.samples, f'{one.part} sample')}, the error is smaller for "
        f"**{count(gaps.first_is_closer)}** in {first}, and for **{count(gaps.second_is_closer)}** in {second}."
    )
    if not _is_open():
        return
    most = gaps.order[:_MOST_POINTS]
    figure = paired_errors_figure(gaps.first[most], gaps.second[most], most, pair)
    table = {"sample": gaps.order, "first": gaps.first[gaps.order], "second": gaps.second[gaps.order]}
    chart(figure, key="compare.errors", bar=False, table=lambda: ChartTable(table))
    means = _MEANS if np.asarray(one.actual).shape[1] > 1 else "Absolute errors"
    st.caption(f"{means}; above the line {first} is closer, below it {second}. {_points_words(one.samples)}")
    draw_sample_list(source, gaps.order, "the largest differences in error first")


def _points_words(samples: int) -> str:
    if samples <= _MOST_POINTS:
        return ""
    return f"The {count(_MOST_POINTS)} samples with the largest differences are drawn."


def _short(line: Line) -> str:
    return plain(cut(line.label, _NAME))
