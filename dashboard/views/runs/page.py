"""The Runs page: all runs of the store, updated live, with search and actions on the selected runs."""

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import ceil

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import actions, loaders, state
from dashboard.charts.sparkline import sparkline_metric
from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.markdown import sentence
from dashboard.components.shortcuts import shortcuts
from dashboard.components.views import missing_words, views_menu
from dashboard.navigation import BUILD, CLUSTER, COMPARE, go, link
from dashboard.state import DirectionKey, RunsKey
from dashboard.views.runs.actions import Action, deleted_notice, run_actions
from dashboard.views.runs.best import best_values
from dashboard.views.runs.columns import METRIC, column_name, run_rows
from dashboard.views.runs.dialogs import DIALOGS, draw_dialog, open_dialog
from dashboard.views.runs.experiment_note import draw_experiment_note
from dashboard.views.runs.filters import Filters, run_filters
from dashboard.views.runs.grouping import Grouped, draw_groups, read_groups
from dashboard.views.runs.outcome import show_outcome, tell
from dashboard.views.runs.same import Same, same_in_all, same_on_page
from dashboard.views.runs.shortcuts import SHORTCUTS
from dashboard.views.runs.table import run_table
from dashboard.views.runs.tree import tree_of
from dashboard.views.runs.values import read_values
from trainer.comparison.basis import bases_of
from trainer.errors import FitboardError, StoreError
from trainer.format import count, counted
from trainer.tracking import Column, Common, Run, RunPage, RunQuery, Sort, View, ViewPage

__all__ = ["render"]

_A_PAGE = 50
_LIVE_SECONDS, _QUIET_SECONDS = 2, 6
# The page says how long ago runs started, and loaders keep what they read of all runs for half a minute.
_OLD_SECONDS = 30


def render() -> None:
    """Draw the page and redraw it: every two seconds while a run on it is live, else once the store has changed."""
    version = None if state.runs.live else loaders.store_version()
    begun = time.monotonic()
    if version is None:
        st.fragment(_page, run_every=_LIVE_SECONDS if state.runs.live else _QUIET_SECONDS)()
    else:
        st.fragment(_page)()
        # People who share a store wait for each other's runs.
        every = _LIVE_SECONDS if loaders.is_shared() else _QUIET_SECONDS
        st.fragment(_watch, run_every=every)(version, begun)
    draw_dialog()


def _watch(drawn: Hashable, begun: float) -> None:
    """Redraw the page if the store has changed since it was drawn, or if it was drawn half a minute ago."""
    # Drawing it would close a dialog, after which it is drawn anyway.
    if state.runs.dialog:
        return
    if loaders.store_version() != drawn or time.monotonic() > begun + _OLD_SECONDS:
        st.rerun()


def _page() -> None:
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-head")
    with head:
        st.title("Runs", anchor=False, width="stretch")
    try:
        with head:
            opened = views_menu(ViewPage.RUNS, likely=next(iter(state.asked(RunsKey.EXPERIMENT)), ""))
            link(CLUSTER, label="What runs where", icon=CLUSTER.icon, width="content")
            shortcuts(SHORTCUTS)
        _listed(opened)
    except StoreError as error:
        show_error(error)
        st.caption("The list reloads as soon as the store responds.")


def _listed(opened: View | None) -> None:
    known = loaders.experiments()
    filters = run_filters(known, loaders.columns())
    grouped = _asked_groups(filters) if filters.grouping else None
    page = _asked(filters) if grouped is None else RunPage(runs=(), total=grouped.page.runs)
    _notices()
    draw_experiment_note(known)
    selected = loaders.runs_by_id(state.runs.selected)
    pressed = run_actions(selected)
    if pressed:
        _do(pressed, selected)
    for words in missing_words(opened, filters.unknown(known)):
        st.warning(sentence(words), icon=":material/filter_alt:")
    if not page.total:
        _nothing(filters)
        return
    if grouped is not None:
        live = draw_groups(grouped, filters.columns, order=filters.order)
        _foot(grouped.page.runs, grouped.page.total, "group")
        _keep_pace(live=live)
        return
    # Before the table, which would be drawn twice.
    _keep_pace(live=any(not run.status.ended for run in page.runs))
    _table(page, filters)


def _asked(filters: Filters) -> RunPage:
    """Return the page of the list that the address names, or the last one if there are fewer."""
    known = loaders.experiments()
    if filters.fits_nothing(known):
        state.runs.listed = (None, 0)
        return RunPage(runs=(), total=0)
    number = state.runs_page()
    query = filters.query(known, offset=(number - 1) * _A_PAGE, limit=_A_PAGE)
    shown = replace(query, folded=state.runs.folded)
    page = loaders.run_page(shown)
    state.runs.listed = (query, page.total + page.folded)
    state.runs.uncounted = page.more
    if page.runs or not page.total:
        return page
    last = ceil(page.total / _A_PAGE)
    state.follow(RunsKey.PAGE, last)
    return loaders.run_page(replace(shown, offset=(last - 1) * _A_PAGE))


def _asked_groups(filters: Filters) -> Grouped | None:
    """Return the page of groups that the address names, or the last one if there are fewer."""
    known = loaders.experiments()
    if filters.grouping is None or filters.fits_nothing(known):
        return None
    query = filters.query(known, offset=(state.runs_page() - 1) * _A_PAGE, limit=_A_PAGE)
    grouped = read_groups(query, filters.grouping, filters.columns)
    state.runs.listed = (query, grouped.page.runs)
    state.runs.uncounted = False
    if grouped.page.groups or not grouped.page.total:
        return grouped
    last = ceil(grouped.page.total / _A_PAGE)
    state.follow(RunsKey.PAGE, last)
    return read_groups(replace(query, offset=(last - 1) * _A_PAGE), filters.grouping, filters.columns)


def _table(page: RunPage, filters: Filters) -> None:
    tree = tree_of(page.runs, loaders.runs_by_id, state.runs.folded)
    runs = [branch.run for branch in tree]
    wanted = [metric for run in runs if (metric := sparkline_metric(run.metrics))]
    curves = loaders.metric_curves(runs, wanted)
    query = _every(filters)
    same, is_sure = _last_same(page, query)
    place = st.container(key="runs-same")
    if is_sure:
        _draw_same(place, same)
    values = read_values(runs, [filters.order[0], *filters.columns])
    rows = run_rows(
        runs,
        curves,
        now=time.time(),
        chosen=filters.columns,
        sorted_by=filters.order[0],
        expected=loaders.expected(runs),
        same=same.values.keys(),
        values=values,
    )
    run_table(rows._replace(best=_best(page.runs, rows.metrics, values)), order=filters.order, tree=tree)
    _foot(state.runs.listed[1], page.total, more=page.more)
    # Last, since the store may take a second to look at all runs.
    found = same_in_all(page, _known(), partial(_common, query))
    state.runs.same = frozenset(found.values)
    if found.values != same.values:
        st.rerun()
    if not is_sure:
        _draw_same(place, found)


def _last_same(page: RunPage, query: RunQuery) -> tuple[Same, bool]:
    """Return what all listed runs have in common by the store's last answer, or else what those of this page have.

    The second value is whether that is known of all runs.
    """
    asked, answer = state.runs.common
    if asked == query:
        return same_in_all(page, _known(), lambda _: answer), True
    return same_on_page(page, _known()), page.total == len(page.runs)


def _common(query: RunQuery, values: Mapping[Column, str]) -> Common:
    answer = loaders.common_columns(query, values)
    state.runs.common = (query, answer)
    return answer


def _draw_same(place: DeltaGenerator, same: Same) -> None:
    if same.values:
        place.caption(same.line(), help=same.details())


def _known() -> frozenset[str]:
    return frozenset(column_name(kind, name) for kind, name in loaders.columns())


def _every(filters: Filters) -> RunQuery:
    """Return the query of the whole list, in no particular order."""
    return replace(filters.query(loaders.experiments(), offset=0, limit=0), sort=Sort())


def _best(
    runs: Sequence[Run], columns: Sequence[str], values: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], int]:
    """Return (run id, column) of the best values → number of compared runs."""
    read = {run_id: {name.removeprefix(METRIC): each for name, each in of.items()} for run_id, of in values.items()}
    bases = bases_of(runs, loaders.config, loaders.logged_datasets(runs))
    metrics = [column.removeprefix(METRIC) for column in columns]
    found = best_values(runs, metrics, bases, state.directions(), read)
    return {(best.run_id, METRIC + best.metric): best.among for best in found}


def _foot(runs: int, rows: int, noun: str = "run", *, more: bool = False) -> None:
    words = counted(runs, "run") if noun == "run" else f"{counted(rows, noun)} of {counted(runs, 'run')}"
    if noun == "run" and rows < runs:
        words += f", {count(runs - rows)} of them folded"
    # An http server has not counted them yet.
    words = f"More than {words}" if more else words
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(words, width="content")
        tip = "Download all matching runs, or only the selected ones, as CSV or Parquet."
        if st.button("Export", icon=":material/download:", help=tip, key="runs.export", type="tertiary"):
            open_dialog("export")
        if rows > _A_PAGE or more:
            st.pagination(ceil((rows + more) / _A_PAGE), key=RunsKey.PAGE, bind="query-params")


def _keep_pace(*, live: bool) -> None:
    """Change how often the page is redrawn when a run on it starts or the last one ends."""
    # `run_every` of a fragment is fixed when the whole script draws it.
    if live != state.runs.live:
        state.runs.live = live
        st.rerun()


def _nothing(filters: Filters) -> None:
    if filters.error and not filters.is_last:
        empty("No runs are listed until the filter is complete.")
    elif filters.narrow:
        empty("No runs match. Remove a filter or shorten the search.")
        with st.container(horizontal_alignment="center"):
            st.button("Show all runs", icon=":material/filter_alt_off:", on_click=state.clear_filters, key="runs.all")
    else:
        empty("No runs yet. Build a network and train it; the run appears here.", page=BUILD, label="Build a network")


def _notices() -> None:
    """Show the outcome of the last action, and Undo after a deletion."""
    show_outcome()
    deleted = state.runs.deleted
    if not deleted:
        return
    answer = deleted_notice(len(deleted))
    if answer == "undo":
        outcome = actions.restore(deleted)
        tell(outcome, "Restored {}")
    if answer:
        state.runs.deleted = ()
        st.rerun()


def _do(action: Action, selected: Sequence[Run]) -> None:
    if action == "compare":
        # With the chosen directions, so that both pages mark the same values as best.
        directions = {str(key): names for key in DirectionKey if (names := state.asked(key))}
        go(COMPARE, **{"runs": ",".join(run.run_id for run in selected), **directions})
    if action == "clear":
        state.runs.selected = ()
        st.rerun()
    if action in DIALOGS:
        open_dialog(action)
    try:
        if action == "stop":
            tell(actions.stop(selected), "Asked {} to stop")
        if action == "first":
            tell(actions.to_the_front(selected), "Moved {} to the front of the queue")
        if action == "rerun":
            tell(actions.rerun(selected), "Queued {}")
        if action == "restore":
            outcome = actions.restore([run.run_id for run in selected if run.deleted])
            tell(outcome, "Restored {}")
            _deselect(outcome.done)
        if action == "delete":
            outcome = actions.delete([run for run in selected if not run.deleted])
            tell(outcome)
            state.runs.deleted = outcome.done
            _deselect(outcome.done)
    except FitboardError as error:
        show_error(error)
        return
    st.rerun()


def _deselect(run_ids: Sequence[str]) -> None:
    state.runs.selected = tuple(each for each in state.runs.selected if each not in run_ids)
