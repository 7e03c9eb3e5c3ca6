"""The trials of a sweep as a table, with pruned ones greyed: by number while it is live, then the best first."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import streamlit as st

from dashboard import state, sweep_state
from dashboard.charts.colors import QUIET, color_of
from dashboard.charts.sparkline import sparkline
from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.run_table import TINTS, TableColumn, table_part
from dashboard.components.status import look
from dashboard.keys import SweepKey
from dashboard.navigation import BUILD, COMPARE, RUN, RUNS, address_of, link
from dashboard.presses import press
from dashboard.views.sweep.settings import value_words
from trainer.format import count, counted, duration, number
from trainer.sweeps import Trial, TrialState, best_trials
from trainer.sweeps.following import Followed
from trainer.tracking import Run, Status, Tag

__all__ = ["draw_trials", "ordered", "runs_of_trials", "trial_cells"]

_A_PAGE, _HEIGHT = 50, 520
_SETTING, _OBJECTIVE = "setting.", "objective."
_CHIPS: Mapping[TrialState, str] = {
    TrialState.COMPLETE: "green",
    TrialState.PRUNED: "gray",
    TrialState.FAILED: "red",
    TrialState.STOPPED: "orange",
    TrialState.RUNNING: "blue",
}
# Of the columns whose cells change while a trial runs, so that the others stay in place; in pixels.
_WIDTHS: Mapping[str, int] = {"state": 148, "progress": 118, "duration": 112}
_ORDER = (TrialState.COMPLETE, TrialState.RUNNING, TrialState.PRUNED, TrialState.STOPPED, TrialState.FAILED)


def draw_trials(seen: Followed) -> None:
    """Draw the actions for the selected trials, and one page of the table."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("## Trials")
        filter_ = f"tags.`{Tag.SWEEP}` = '{seen.run.run_id}'"
        link(RUNS, label="All its runs in Runs", icon=RUNS.icon, query_params={"q": filter_}, width="content")
    if not seen.trials:
        st.caption("No trials yet; the worker proposes the first one when it takes the sweep.")
        return
    _draw_actions(seen)
    order = _order(seen)
    trials = ordered(seen, order)
    last = ceil(len(trials) / _A_PAGE)
    # Where new trials appear.
    page = min(sweep_state.table_page(last if order == "name" else 1), last)
    _draw_table(seen, trials[(page - 1) * _A_PAGE : page * _A_PAGE], order)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(counted(len(trials), "trial"), width="content")
        if last > 1:
            state.follow(SweepKey.PAGE, page)
            st.pagination(last, key=SweepKey.PAGE, bind="query-params")


def _draw_actions(seen: Followed) -> None:
    sweep_id = seen.run.run_id
    numbers = [each for each in sweep_state.ticked(sweep_id) if each < len(seen.trials)]
    run_ids = runs_of_trials(seen, numbers)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-actions"):
        shown = f" {count(len(run_ids))}" if run_ids else ""
        is_comparable = 2 <= len(run_ids) <= MOST_COMPARED
        st.button(
            f"Compare{shown}", icon=COMPARE.icon, disabled=not is_comparable, key="sweep.compare",
            type="primary" if is_comparable else "secondary",
            help=f"Compare the curves, configs and results of 2 to {MOST_COMPARED} trials.",
            on_click=press, args=(sweep_id, "compare", numbers),
        )  # fmt: skip
        st.button(
            "Take to Build", icon=BUILD.icon, disabled=len(run_ids) != 1, key="sweep.build",
            help="Open Build with the config of the selected trial.", on_click=press, args=(sweep_id, "build", numbers),
        )  # fmt: skip
        words = "Select trials to compare them, or one to change it on Build."
        st.caption(f"{counted(len(numbers), 'trial')} selected." if numbers else words, width="stretch")


def runs_of_trials(seen: Followed, numbers: Sequence[int]) -> list[str]:
    """Return the ids of the runs of these trials, without duplicates; two trials may have taken the same run."""
    return list(dict.fromkeys(seen.trials[each].run_id for each in numbers if seen.trials[each].run_id))


def _order(seen: Followed) -> str:
    """Return the chosen order; without one, a live sweep keeps its rows in place by putting new trials below them."""
    return sweep_state.sweep.order or ("name" if seen.live else "")


def ordered(seen: Followed, order: str) -> list[Trial]:
    """Return the trials by a column: `objective.0`, `setting.NAME`, `name`, `duration`, after a `-` if descending.

    Without one, the complete trials come first, the best at the top, then pruned and failed ones.
    """
    column, descending = order.removeprefix("-"), order.startswith("-")
    if column == "name":
        return sorted(seen.trials, key=lambda each: each.number, reverse=descending)
    known = _sort_values(seen, column)
    if known is not None:
        have = [each for each in seen.trials if each.number in known]
        rest = [each for each in seen.trials if each.number not in known]
        return sorted(have, key=lambda each: known[each.number], reverse=descending) + rest
    ranks = {each.number: rank for rank, each in enumerate(best_trials(seen.trials, seen.sweep.settings.maximizes))}
    beyond = len(ranks)
    return sorted(
        seen.trials, key=lambda each: (_ORDER.index(each.state), ranks.get(each.number, beyond), -each.number)
    )


def _sort_values(seen: Followed, column: str) -> dict[int, Any] | None:
    """Return number → what the trial is sorted by, for the trials that have it; None for no column of the table."""
    if column == "duration":
        found = {each.number: seen.runs[each.run_id].seconds for each in seen.trials if each.run_id in seen.runs}
        return {at: value for at, value in found.items() if value is not None}
    if column.startswith(_OBJECTIVE) and column.removeprefix(_OBJECTIVE).isdecimal():
        at = int(column.removeprefix(_OBJECTIVE))
        if at < len(seen.sweep.settings.objective):
            return {each.number: value for each in seen.trials if math.isfinite(value := _result(each, at))}
    name = column.removeprefix(_SETTING)
    if column.startswith(_SETTING) and any(each.name == name for each in seen.sweep.space.dimensions):
        values = {each.number: each.values[name] for each in seen.trials if name in each.values}
        is_number = all(isinstance(value, int | float) for value in values.values())
        return values if is_number else {at: value_words(value) for at, value in values.items()}
    return None


def _result(trial: Trial, at: int) -> float:
    """Return an objective; of a trial without results, that of its last epoch."""
    if at < len(trial.results):
        return trial.results[at]
    return trial.course[max(trial.course)] if trial.course and not at else math.nan


def _draw_table(seen: Followed, shown: Sequence[Trial], order: str) -> None:
    columns = _columns(seen)
    best = best_trials(seen.trials, seen.sweep.settings.maximizes)
    stars = {each.number for each in (best[:1] if len(seen.sweep.settings.objective) == 1 else best)}
    now = time.time()
    numbers = tuple(each.number for each in shown)
    rows = [_row(seen, each, columns, now=now, is_best=each.number in stars) for each in shown]
    selected = [str(each) for each in sweep_state.ticked(seen.run.run_id) if each in numbers]
    data = {
        "columns": [column._asdict() for column in columns], "rows": rows, "selected": selected,
        "order": [order.removeprefix("-"), not order.startswith("-")], "kept": None, "label": "Trials",
        "most": _HEIGHT, "arranged": False,
    }  # fmt: skip
    table_part(
        key=SweepKey.TABLE, data=data, on_ticked_change=_ticked(seen.run.run_id, numbers), on_sorted_change=_sorted
    )


def _columns(seen: Followed) -> list[TableColumn]:
    objectives = [
        TableColumn(f"{_OBJECTIVE}{at}", name, "number", f"{_OBJECTIVE}{at}", "Click to sort the trials.")
        for at, name in enumerate(seen.sweep.settings.objective)
    ]
    settings = [
        TableColumn(_SETTING + each.name, each.name, "text", _SETTING + each.name, "Click to sort the trials.")
        for each in seen.sweep.space.dimensions
    ]
    curve = "The objective over the epochs, each trial on its own scale."
    done, time_ = "Completed share of all steps.", "Training time. Click to sort the trials."
    width = _WIDTHS if seen.live else dict.fromkeys(_WIDTHS, 0)
    return [
        TableColumn("color", "", "color", "", ""),
        TableColumn("name", "trial", "name", "name", "Click to sort the trials."),
        TableColumn("state", "state", "chip", "", "Pruned trials are grey.", width["state"]),
        *([TableColumn("progress", "progress", "progress", "", done, width["progress"])] if seen.live else []),
        *objectives,
        TableColumn("duration", "duration", "text", "duration", time_, width["duration"]),
        *([TableColumn("curve", "curve", "curve", "", curve)] if len(objectives) == 1 else []),
        *settings,
    ]


def _row(seen: Followed, trial: Trial, columns: Sequence[TableColumn], *, now: float, is_best: bool) -> dict[str, Any]:
    cells = trial_cells(seen, trial, now=now, is_best=is_best)
    return {
        "id": str(trial.number), "name": cells["name"], "cells": [cells[column.name] for column in columns],
        "href": address_of(RUN, id=trial.run_id) if trial.run_id else "",
        "muted": trial.state in {TrialState.PRUNED, TrialState.STOPPED, TrialState.FAILED},
    }  # fmt: skip


def trial_cells(seen: Followed, trial: Trial, *, now: float, is_best: bool = False) -> dict[str, Any]:
    """Return the cells of a trial by column, as the table in the browser draws them."""
    run = seen.runs.get(trial.run_id)
    cells: dict[str, Any] = {
        "color": QUIET if run is None else color_of(run),
        "name": f"trial {trial.number}" + (" (earlier run)" if trial.taken else ""),
        "state": {"word": _state_words(trial, run, now), "color": TINTS[_CHIPS[trial.state]]},
        "progress": None if run is None or run.progress is None or trial.ended else round(run.progress.share, 2),
        "duration": "" if run is None else _duration(run, now),
        "curve": sparkline([trial.course[epoch] for epoch in sorted(trial.course)]),
    }
    for at in range(len(seen.sweep.settings.objective)):
        value = _result(trial, at)
        told = "" if math.isnan(value) else number(value)
        cells[f"{_OBJECTIVE}{at}"] = {"text": told, "best": "Best of the complete trials" if is_best else ""}
    for each in seen.sweep.space.dimensions:
        cells[_SETTING + each.name] = value_words(trial.values[each.name]) if each.name in trial.values else ""
    return cells


def _state_words(trial: Trial, run: Run | None, now: float) -> str:
    if trial.state is TrialState.PRUNED:
        return f"pruned at epoch {count(trial.judged)}"
    if trial.state is TrialState.RUNNING and run is not None and run.status is not Status.FINISHED:
        return look(run, now).word
    return str(trial.state)


def _duration(run: Run, now: float) -> str:
    if run.seconds is not None or run.started_at is None or run.status.ended:
        return duration(run.seconds)
    return f"{duration(max(0.0, now - run.started_at / 1000))} …"


def _ticked(sweep_id: str, shown: tuple[int, ...]) -> Callable[[], None]:
    # The callback runs before the trials are read again, so it is given the rows that were drawn.
    def take_over() -> None:
        sent = [str(each) for each in state.typed(SweepKey.TABLE)["ticked"] or ()]
        sweep_state.tick(sweep_id, [int(each) for each in sent if each.isdecimal()], shown=shown)

    return take_over


def _sorted() -> None:
    """Sort by the clicked column, the largest first; then reversed; then as without a choice."""
    clicked = str(state.typed(SweepKey.TABLE)["sorted"] or "")
    now = sweep_state.sweep.order
    sweep_state.sweep.order = {f"-{clicked}": clicked, clicked: ""}.get(now, f"-{clicked}")
