"""The course of a metric over runs of one config: its mean over their common steps, and where they end."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.statistics.intervals import Summary, summarize

__all__ = ["Course", "course_of"]


class Course(NamedTuple):
    """`summaries` at each of `steps`, each over all runs; `ends` are the runs' last steps, in order.

    Beyond the first end a mean would be over survivors and jump where the others stop, so there is none.
    """

    steps: tuple[int, ...]
    summaries: tuple[Summary, ...]
    ends: tuple[int, ...]


def course_of(runs: Sequence[Mapping[int, float]]) -> Course:
    """Compute the course of several runs, each given as step → value.

    A run ends before its first value that is no number and does not become one again; a run without values does not
    count. At a step that a run has left out there is no mean.
    """
    finite = [{step: value for step, value in run.items() if math.isfinite(value)} for run in runs]
    members = [run for run in finite if run]
    if not members:
        return Course((), (), ())
    steps = sorted(set.intersection(*(set(run) for run in members)))
    summaries = [summary for step in steps if (summary := summarize(run[step] for run in members)) is not None]
    return Course(tuple(steps), tuple(summaries), tuple(sorted(max(run) for run in members)))
