"""What the runs of a group say together, below the numbers of one of them."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.format import count, plain
from dashboard.navigation import COMPARE, link
from trainer.config import MetricName, ranked_metrics
from trainer.statistics import summarize, summary_words
from trainer.tracking import Run

__all__ = ["GroupLine", "draw_group", "group_line"]


class GroupLine(NamedTuple):
    """The sentence, and the runs that it is about."""

    words: str
    run_ids: tuple[str, ...]


def group_line(runs: Sequence[Run]) -> GroupLine | None:
    """How many runs with how good a main result; None where there is one alone, or no result."""
    if len(runs) < 2:
        return None
    ids = tuple(run.run_id for run in runs)
    counted = f"{count(len(runs))} runs in this group"
    for name in ranked_metrics(runs[0].metrics):
        found = summarize(run.metrics[name] for run in runs if name in run.metrics)
        if found is not None and found.deviation is not None:
            return GroupLine(f"{counted}: {MetricName.of(name).label} {summary_words(found)}", ids)
    return GroupLine(counted, ids)


def draw_group(line: GroupLine | None) -> None:
    """Draws the line as a link to the comparison of the group."""
    if line is None:
        return
    link(
        COMPARE,
        label=plain(line.words),
        icon=":material/stacked_line_chart:",
        query_params={"runs": ",".join(line.run_ids[:MOST_COMPARED])},
        help="Runs that differ in the seed alone, a rerun counted once: their mean, and where it lies with 95 % by "
        "Student’s t. Compares them.",
    )
