"""The histories of the compared runs, aligned by epoch, and what the page says about their steps."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard.components.markdown import plain
from trainer.tracking import Run, Series
from trainer.tracking.steps import by_epochs

__all__ = ["Histories", "histories", "steps_words"]


class Histories(NamedTuple):
    """Metric → run id → history, by epoch if the steps are known to be epochs.

    `moved` are the ids of runs whose epochs were logged from 0. `unknown` maps the ids of runs to the metrics whose
    steps have an unknown unit. With `as_logged` the steps are as they were logged, and neither matters.
    """

    series: Mapping[str, Mapping[str, Series]]
    moved: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]
    as_logged: bool = False

    def unit(self, metric: str) -> str:
        """Return the unit of a metric's steps."""
        return "step" if self.as_logged or any(metric in names for names in self.unknown.values()) else "epoch"


def histories(
    runs: Sequence[Run],
    logged: Mapping[str, Mapping[str, Series]],
    metrics: Sequence[str],
    *,
    as_logged: bool = False,
) -> Histories:
    """Align the histories of these metrics by epoch.

    Args:
        runs: the compared runs.
        logged: run id → metric → history as it was logged.
        metrics: the names of the metrics.
        as_logged: whether to leave the steps as they are.
    """
    series: dict[str, dict[str, Series]] = {metric: {} for metric in metrics}
    moved: list[str] = []
    unknown: dict[str, tuple[str, ...]] = {}
    for run in runs:
        for metric, history in logged.get(run.run_id, {}).items():
            known = history if as_logged else by_epochs(run, history)
            series[metric][run.run_id] = history if known is None else known
            if known is None:
                unknown[run.run_id] = (*unknown.get(run.run_id, ()), metric)
            # `by_epochs` returns the same object unless it shifts the steps.
            elif known is not history:
                moved.append(run.run_id)
    return Histories(series, tuple(dict.fromkeys(moved)), unknown, as_logged)


def steps_words(found: Histories, names: Mapping[str, str]) -> list[str]:
    """Return sentences, in Markdown, on shifted epochs and steps of unknown unit."""

    def named(run_ids: Sequence[str]) -> str:
        return (
            "of all runs" if len(run_ids) == len(names) else f"of {plain(', '.join(names[each] for each in run_ids))}"
        )

    said = []
    if found.moved:
        said.append(f"Epochs {named(found.moved)} were logged from 0 and are shown from 1.")
    strange = [run_id for run_id in found.unknown if run_id not in found.moved]
    if strange:
        said.append(f"The unit of the steps {named(strange)} is unknown; they are shown as logged.")
    others = dict.fromkeys(name for run_id in found.moved for name in found.unknown.get(run_id, ()))
    if others:
        metrics = plain(", ".join(others))
        said.append(f"The unit of their {metrics} steps is unknown; these are shown as logged.")
    return said
