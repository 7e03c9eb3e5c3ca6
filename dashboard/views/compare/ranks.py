"""Mean ranks of configs that were run on several datasets."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard import loaders
from dashboard.charts.compare import Line
from dashboard.components.markdown import plain
from dashboard.views.compare.controls import Choice, Group
from dashboard.views.compare.tables import run_mark
from trainer.comparison import Basis, Ranking, ranking_words, rankings, side_of
from trainer.config import main_metrics
from trainer.format import number
from trainer.tracking import Run

__all__ = ["draw_ranks"]

_MOST_METRICS = 4

_Labels = Callable[[Sequence[Run]], Mapping[str, str]]


def draw_ranks(groups: Sequence[Group], bases: Mapping[str, Basis], chosen: Choice, labels: _Labels) -> None:
    """Draw the mean ranks of configs that were run on several datasets and which are better, or nothing without any.

    Args:
        groups: each a config on one dataset.
        bases: run id → the data and loss that its results were measured with.
        chosen: the page's controls; their directions tell whether higher or lower is better.
        labels: returns a label for each run by its id, from what distinguishes the runs.
    """
    sides = [side_of(group.runs, loaders.config) for group in groups]
    metrics = main_metrics([run.kept_metrics for side in sides for run in side.finished], _MOST_METRICS)
    found = rankings(sides, metrics, bases=bases, directions=chosen.directions)
    if not found:
        return
    st.markdown("## Over several datasets")
    # On one dataset configs differ only in what is ranked.
    firsts = [sides[places[0]].first for places in found[0].places]
    named = labels(firsts)
    titles = [named[run.run_id] for run in firsts]
    lines = [
        groups[places[0]].line._replace(label=title) for places, title in zip(found[0].places, titles, strict=True)
    ]
    _table(found, lines)
    st.caption(
        "Values of different tasks have no common mean, so the configs are ranked on each dataset, by the mean over "
        "their runs, and the ranks are averaged; 1 is best. Configs count as the same if only the dataset, the seed "
        f"and the number of outputs differ; here they are named by their runs on {plain(found[0].datasets[0])}."
    )
    for each in found:
        st.markdown(plain(ranking_words(each, titles)))


def _table(found: Sequence[Ranking], lines: Sequence[Line]) -> None:
    cells = {"config": [run_mark(line) for line in lines]}
    cells |= {plain(each.metric): [number(rank, 3) for rank in each.ranks] for each in found}
    st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt="Mean ranks")
