"""The summary of a run's group, below the run's own numbers, and the runs on the other folds of the data."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.markdown import plain
from dashboard.loaders.similar_runs import Group
from dashboard.navigation import COMPARE, RUN, link
from trainer.config import Config, MetricName, Vary, ranked_metrics
from trainer.config.dataset import Undivided
from trainer.format import count
from trainer.statistics import summarize, summary_words
from trainer.tracking import Run

__all__ = ["Fold", "GroupLine", "draw_folds", "draw_group", "folds_of", "group_line"]


class GroupLine(NamedTuple):
    """A summary of a group in one sentence, and the ids of its runs."""

    words: str
    run_ids: tuple[str, ...]


class Fold(NamedTuple):
    """A fold of the data, counted from 1, and the newest run that is tested on it."""

    number: int
    run_id: str


def folds_of(run: Run, group: Group, config_of: Callable[[Run], Config | None]) -> tuple[Fold, ...]:
    """Return the folds that the runs of a run's group are tested on, in order; empty if there is only its own."""
    if run.vary is not Vary.FOLD:
        return ()
    found = {run.run_id: run, **{each.run_id: each for each in (*group.finished, *group.live)}}
    by_number: dict[int, str] = {}
    for each in found.values():
        config = config_of(each)
        if config is not None and isinstance(config.dataset, Undivided) and config.dataset.folds:
            by_number.setdefault(config.dataset.fold, each.run_id)
    return tuple(Fold(*item) for item in sorted(by_number.items())) if len(by_number) > 1 else ()


def draw_folds(run: Run, folds: Sequence[Fold]) -> None:
    """Draw a link to the run on each other fold."""
    if not folds:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-folds"):
        st.caption("Tested on", width="content", help="Each run of the group is tested on another fold of the data.")
        for fold in folds:
            if fold.run_id == run.run_id:
                st.markdown(f"**fold {fold.number}**", width="content")
            else:
                link(RUN, label=f"fold {fold.number}", query_params={"id": fold.run_id}, width="content")


def group_line(group: Group) -> GroupLine | None:
    """Return the number of runs, their main result and how many have not ended; None for a single run."""
    finished, live = group
    number = len(finished) + len(live)
    if number < 2:
        return None
    ids = tuple(run.run_id for run in (*finished, *live))
    awaited = f"; waiting for {count(len(live))} of them" if live else ""
    kinds = {run.vary for run in (*finished, *live)} - {Vary.SEED}
    varied = f", each with its own seed and {kinds.pop()}" if len(kinds) == 1 else ""
    counted = f"{count(number)} runs in this group{varied}"
    return GroupLine(f"{counted}{_result(finished)}{awaited}", ids)


def _result(finished: Sequence[Run]) -> str:
    for name in ranked_metrics(finished[0].kept_metrics) if finished else ():
        found = summarize(run.kept_metrics[name] for run in finished if name in run.kept_metrics)
        # A metric that only one run has cannot be summarized; the next one may be.
        if found is not None and found.deviation is not None:
            return f": {MetricName.of(name).label} {summary_words(found)}"
    return ""


def draw_group(line: GroupLine | None) -> None:
    """Draw the summary as a link to the comparison of the group."""
    if line is None:
        return
    with st.container(key="run-group"):
        link(
            COMPARE,
            label=plain(line.words),
            icon=":material/stacked_line_chart:",
            query_params={"runs": ",".join(line.run_ids[:MOST_COMPARED])},
            help="Mean result, with its 95 % confidence interval (Student's t), of the runs that differ only in the "
            "seed, or only in the seed and the split or the fold of the data; reruns with the same seed count once. "
            "Opens the comparison.",
        )
