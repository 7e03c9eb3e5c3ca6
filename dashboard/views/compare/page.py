"""Compare: the curves of several runs over one another, their results, and what differs in their configs."""

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import loaders, state
from dashboard.charts.compare import Line, lines
from dashboard.components.basis import Basis, bases_of
from dashboard.components.comparison import MOST_COMPARED, labels
from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.markdown import plain
from dashboard.components.results import doubts, group_results, results, undirected
from dashboard.state import CompareKey
from dashboard.views.compare.controls import Choice, Group, choice, groups_of, legend
from dashboard.views.compare.curves import draw_curves, draw_group_curves
from dashboard.views.compare.differing import draw_differences
from dashboard.views.compare.picker import run_picker
from dashboard.views.compare.standing import awaited_metrics, standing_words, status_icon, value_words
from dashboard.views.compare.tables import groups_table, results_table
from trainer.config import ranked_metrics
from trainer.errors import RunNotFoundError, StoreError
from trainer.tracking import Run, RunQuery
from trainer.tracking.read.links import compare_url

__all__ = ["render"]

_LIVE_SECONDS = 2


def render() -> None:
    """Draws the page, every two seconds while something is awaited: the end of a run, or a run."""
    try:
        live = _is_live(_named(state.compare.runs)[0])
    except StoreError:
        live = True
    st.fragment(_page, run_every=_LIVE_SECONDS if live else None)(live)


def _is_live(runs: Sequence[Run]) -> bool:
    """Whether what the page shows may change by itself: a run goes on, or is not there yet."""
    named = min(max(2, len(state.compare.runs)), MOST_COMPARED)
    return len(runs) < named or any(not run.status.ended for run in runs)


def _page(live: bool) -> None:
    try:
        runs, problems = _named(state.compare.runs)
        _header(runs)
        for problem in problems:
            st.warning(plain(problem), icon=":material/search_off:")
        _compared(runs)
        if live and not _is_live(runs):
            st.rerun()
    except StoreError as error:
        show_error(error)
        st.caption("The page comes back by itself as soon as the store answers.")


def _named(words: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs by these ids or beginnings of ids, each once, and a sentence for every word that names none."""
    known = {run.run_id: run for run in loaders.runs_by_id(words)}
    found: dict[str, Run] = {}
    problems = []
    for word in words:
        try:
            run = known.get(word) or loaders.find(word)
        except RunNotFoundError as error:
            problems.append(str(error))
        else:
            found[run.run_id] = run
    if len(found) > MOST_COMPARED:
        problems.append(f"{len(found)} runs are too many to tell apart; these are the first {MOST_COMPARED}.")
    return list(found.values())[:MOST_COMPARED], problems


def _header(runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Compare", anchor=False, width="stretch")
        if len(runs) > 1:
            with st.popover("Add a run", icon=":material/add:", width="content"):
                _pick(runs)
            _mlflow_link(runs)


def _mlflow_link(runs: Sequence[Run]) -> None:
    ui = loaders.context().mlflow_link
    icon = ":material/open_in_new:"
    if ui and loaders.mlflow_answers():
        words = "The same runs on MLflow’s own compare page."
        st.link_button("Compare in MLflow", compare_url(ui, runs), icon=icon, help=words)
    else:
        words = "MLflow’s pages do not answer. `fitboard up` starts them; or run `mlflow server` on the same store."
        st.button("Compare in MLflow", icon=icon, disabled=True, help=words, key="compare.mlflow")


def _compared(runs: Sequence[Run]) -> None:
    named, now = labels(runs), time.time()
    drawn = lines([run.run_id for run in runs], named)
    removed = legend(drawn, {run.run_id: status_icon(run, now) for run in runs})
    if removed:
        _go_on([run.run_id for run in runs if run.run_id != removed])
    if len(runs) < 2:
        _too_few(runs)
        return
    with st.container(key="compare-standing"):
        st.caption(standing_words(runs, named, loaders.expected(runs), now))
    awaited = awaited_metrics(runs)
    chosen = choice(runs, awaited)
    if chosen.by_group:
        _by_group(runs, drawn, groups_of(runs, drawn, _bases(runs)), chosen, awaited)
        return
    draw_curves(runs, drawn, chosen)
    st.markdown("##### Results")
    bases = _bases(runs)
    results_table(results(runs, awaited, bases, chosen.directions), drawn)
    words = f"{value_words(runs, named)}; differences are against the first run, ★ is the best."
    unknown = undirected(runs, chosen.directions)
    said = [f"**No ★** where it is not known which way is better: {plain(', '.join(unknown))}."] if unknown else []
    st.caption(" ".join([words, *said, *_doubts_words(runs, bases)]))
    draw_differences(runs, drawn)


def _bases(runs: Sequence[Run]) -> dict[str, Basis]:
    return bases_of(runs, loaders.config, loaders.logged_datasets(runs))


def _doubts_words(runs: Sequence[Run], bases: Mapping[str, Basis]) -> list[str]:
    """A sentence for every reason that keeps results from being compared, in Markdown."""
    every = ranked_metrics(name for run in runs for name in run.metrics)
    return [
        f"**Not comparable**, since {words}: {'all metrics' if len(names) == len(every) else plain(', '.join(names))}."
        for words, names in doubts(runs, bases).items()
    ]


def _by_group(
    runs: Sequence[Run], drawn: Sequence[Line], groups: Sequence[Group], chosen: Choice, awaited: Sequence[str]
) -> None:
    """The same with a line, a column and a difference a group instead of a run."""
    draw_group_curves(runs, groups, drawn, chosen)
    st.markdown("##### Results")
    columns = [group.line for group in groups]
    groups_table(group_results([group.runs for group in groups], awaited), columns)
    words = (
        "The mean over the finished runs of each group, where it lies with 95 % by Student’s t, and how many; of each "
        "run the network that was kept."
    )
    st.caption(" ".join([words, *_doubts_words(runs, _bases(runs))]))
    draw_differences([group.runs[0] for group in groups], columns, but_for_seeds=True)


def _too_few(runs: Sequence[Run]) -> None:
    if runs:
        empty("One run is chosen. Pick another one to lay beside it.")
    else:
        empty(
            "Pick two or more runs, here or by ticking them on the Runs page, "
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
