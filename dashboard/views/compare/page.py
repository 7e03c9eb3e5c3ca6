"""The Compare page: the differences between several runs, their curves in shared charts, and their results."""

import time
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import loaders, state
from dashboard.charts.colors import colors_of
from dashboard.charts.compare import Line, lines
from dashboard.components.comparison import MOST_COMPARED, labels, labels_and_details
from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.markdown import plain, sentence
from dashboard.components.results import doubts, group_results, results, undirected
from dashboard.components.shortcuts import shortcuts
from dashboard.components.status import look
from dashboard.components.views import missing_words, views_menu
from dashboard.state import CompareKey
from dashboard.views.compare.controls import Choice, Group, choice, groups_of
from dashboard.views.compare.curves import draw_curves, draw_group_curves
from dashboard.views.compare.differing import draw_differences
from dashboard.views.compare.legend import legend
from dashboard.views.compare.named import named_runs
from dashboard.views.compare.picker import run_picker
from dashboard.views.compare.ranks import draw_ranks
from dashboard.views.compare.report import draw_report
from dashboard.views.compare.samples import draw_samples
from dashboard.views.compare.settings import draw_settings
from dashboard.views.compare.shortcuts import SHORTCUTS
from dashboard.views.compare.standing import awaited_metrics, standing_words, value_words
from dashboard.views.compare.tables import groups_table, results_table
from dashboard.views.compare.verdicts import MOST_NETWORKS, draw_verdicts
from trainer.comparison import Basis, bases_of, grouped_runs
from trainer.config import ranked_metrics
from trainer.config.phrases import SEED
from trainer.errors import StoreError
from trainer.tracking import Run, RunQuery, View, ViewPage
from trainer.tracking.read.links import compare_url

__all__ = ["render"]

_LIVE_SECONDS = 2
_Named = tuple[list[Run], list[str]]
# With more runs or groups a third of the page is too narrow for a column each.
_MOST_BESIDE = 2


def render() -> None:
    """Draw the page, and redraw it every two seconds while a run is live or still missing."""
    found: list[_Named] = []
    try:
        found.append(named_runs(state.compare.runs))
        live = _is_live(found[0][0]) or state.compare.away
    except StoreError:
        # The page keeps trying until the store responds.
        live = True
    st.fragment(_page, run_every=_LIVE_SECONDS if live else None)(live, found)


def _is_live(runs: Sequence[Run]) -> bool:
    """Return whether the page may change by itself: a run is live, or not in the store yet."""
    named = min(max(2, len(state.compare.runs)), MOST_COMPARED)
    return len(runs) < named or any(not run.status.ended for run in runs)


def _page(live: bool, found: list[_Named]) -> None:
    """Draw everything; the first time with what `found` has, which is taken out, so that later ones read again."""
    try:
        runs, problems = found.pop() if found else named_runs(state.compare.runs)
        opened = _header(runs)
        for problem in missing_words(opened, problems):
            st.warning(sentence(problem), icon=":material/search_off:")
        _compared(runs)
        state.compare.away = False
        if live and not _is_live(runs):
            st.rerun()
    except StoreError as error:
        state.compare.away = True
        if not live:
            # Only the whole script can make the page redraw itself.
            st.rerun()
        show_error(error)
        st.caption("The page reloads as soon as the store responds.")


def _header(runs: Sequence[Run]) -> View | None:
    """Draw the header and return the saved view that is open."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare-head"):
        st.title("Compare", anchor=False, width="stretch")
        if len(runs) > 1:
            with st.container(width="content"):
                # In a fragment, since opening the menu reruns everything around it.
                st.fragment(_draw_add)(runs)
            _mlflow_link(runs)
        opened = views_menu(ViewPage.COMPARE, likely=runs[0].experiment if runs else "")
        shortcuts(SHORTCUTS)
        return opened


def _draw_add(runs: Sequence[Run]) -> None:
    menu = st.popover("Add a run", icon=":material/add:", width="content", key="compare.add", on_change="rerun")
    with menu as opened:
        # The newest runs that are not compared yet are only known after all those that are have been read again.
        if opened.open:
            _pick(runs)


def _mlflow_link(runs: Sequence[Run]) -> None:
    here = loaders.context()
    ui, is_far = here.mlflow_link, here.mlflow_ui is not None and here.mlflow_link is None
    icon = ":material/open_in_new:"
    if ui and loaders.mlflow_answers():
        words = "Opens the same runs on MLflow's compare page."
        st.link_button("Compare in MLflow", compare_url(ui, runs), icon=icon, help=words)
    else:
        words = "MLflow's UI is not running. Start it with `fitboard up`, or run `mlflow server` on the same store."
        words = "Only the machine that runs Fitboard can reach MLflow's UI." if is_far else words
        st.button("Compare in MLflow", icon=icon, disabled=True, help=words, key="compare.mlflow")


def _compared(runs: Sequence[Run]) -> None:
    (named, apart), now = labels_and_details(runs, loaders.config), time.time()
    drawn = lines([run.run_id for run in runs], named, colors=colors_of(runs), details=apart)
    # A container, since what is above the controls depends on their values.
    above = st.container()
    if len(runs) < 2:
        _legend(above, drawn, runs, now)
        _too_few(runs)
        return
    awaited = awaited_metrics(runs)
    chosen = choice(runs, awaited)
    bases = bases_of(runs, loaders.config, loaders.logged_datasets(runs))
    groups = groups_of(runs, drawn, bases, _group_labels) if chosen.by_group else []
    _legend(above, [group.line for group in groups] or drawn, runs, now, groups)
    with above:
        is_live = any(not run.status.ended for run in runs)
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(key="compare-standing-live" if is_live else "compare-standing"):
                st.caption(standing_words(runs, named, loaders.expected(runs), now))
            draw_report(runs, chosen)
    firsts = [group.runs[0] for group in groups] or runs
    lines_drawn = [group.line for group in groups] or drawn
    is_beside = len(lines_drawn) <= _MOST_BESIDE
    left, right = st.columns([1, 2], gap="medium") if is_beside else (above, st.container())
    with left:
        draw_differences(firsts, lines_drawn, but_for_seeds=bool(groups))
    # The controls stand between the two places if one is above the other.
    (right if is_beside else left).markdown("## Curves")
    with right:
        if groups:
            draw_group_curves(runs, groups, drawn, chosen)
        else:
            draw_curves(runs, drawn, chosen)
    if groups:
        _by_group(runs, groups, bases, chosen, awaited)
    else:
        _one_by_one(runs, drawn, bases, chosen, awaited)
    draw_samples(runs, drawn, groups)
    draw_settings(runs, drawn, groups, chosen, bases)


def _legend(
    above: DeltaGenerator, drawn: Sequence[Line], runs: Sequence[Run], now: float, groups: Sequence[Group] = ()
) -> None:
    """Draw the legend; if a run or a group is removed in it, continue without it."""
    with above:
        removed = legend(drawn, {} if groups else {run.run_id: look(run, now) for run in runs})
    if removed:
        group = next((group.runs for group in groups if group.line.run_id == removed), ())
        gone = {removed, *(run.run_id for run in group)}
        _go_on([run.run_id for run in runs if run.run_id not in gone])


def _group_labels(firsts: Sequence[Run]) -> dict[str, str]:
    return labels(firsts, loaders.config, left_out=(SEED,))


def _one_by_one(
    runs: Sequence[Run], drawn: Sequence[Line], bases: Mapping[str, Basis], chosen: Choice, awaited: Sequence[str]
) -> None:
    st.markdown("## Results")
    results_table(results(runs, awaited, bases, chosen.directions), drawn)
    named = {line.run_id: line.label for line in drawn}
    words = f"{value_words(runs, named)}. Differences are relative to the first run; ★ marks the best."
    unknown = undirected(runs, chosen.directions)
    said = (
        [f"**No ★** for metrics of unknown direction; set it under Better: {plain(', '.join(unknown))}."]
        if unknown
        else []
    )
    st.caption(" ".join([words, *said, *_doubts_words(runs, bases)]))
    if len(grouped_runs(runs, bases)) == len(runs):
        singles = [Group(line, (run,)) for line, run in zip(drawn, runs, strict=True)]
        if len(runs) <= MOST_NETWORKS:
            draw_verdicts(singles, bases, chosen)
        draw_ranks(singles, bases, chosen, _group_labels)


def _doubts_words(runs: Sequence[Run], bases: Mapping[str, Basis]) -> list[str]:
    """Return a sentence, in Markdown, for each reason why results cannot be compared."""
    every = ranked_metrics(name for run in runs for name in run.metrics)
    return [
        f"**Not comparable**, since {words}: {'all metrics' if len(names) == len(every) else plain(', '.join(names))}."
        for words, names in doubts(runs, bases).items()
    ]


def _by_group(
    runs: Sequence[Run], groups: Sequence[Group], bases: Mapping[str, Basis], chosen: Choice, awaited: Sequence[str]
) -> None:
    """Draw results with a column per group instead of per run."""
    st.markdown("## Results")
    groups_table(group_results([group.runs for group in groups], awaited), [group.line for group in groups])
    words = (
        "Mean over the finished runs of each group, its 95 % confidence interval (Student's t), and the number of "
        "runs. Each run's values are those of the weights that it kept."
    )
    st.caption(" ".join([words, *_doubts_words(runs, bases)]))
    draw_verdicts(groups, bases, chosen)
    draw_ranks(groups, bases, chosen, _group_labels)


def _too_few(runs: Sequence[Run]) -> None:
    if runs:
        empty("Pick another run to compare with this one.")
    else:
        empty(
            "Pick two or more runs here, or select them on the Runs page, "
            "to see their curves, results and configs side by side."
        )
    _pick(runs)


def _pick(runs: Sequence[Run]) -> None:
    picked = run_picker([run.run_id for run in runs], _newest, key=CompareKey.SEARCH)
    if picked:
        _go_on([*(run.run_id for run in runs), picked])


def _newest(text: str, number: int) -> Sequence[Run]:
    return loaders.run_page(RunQuery(text=text, limit=number)).runs


def _go_on(run_ids: Sequence[str]) -> None:
    state.compare.runs = run_ids
    st.rerun()
