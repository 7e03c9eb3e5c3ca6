"""The metrics of groups of runs, as tables of runs show them."""

from typing import Any, NamedTuple

from trainer.config import UNTOLD, Directions
from trainer.format import number
from trainer.statistics import Summary, mean_words, summary_of
from trainer.tracking import MetricValue, RunGroup

__all__ = ["GroupMetric", "group_document", "group_metric"]

_OF_AN_INTERVAL = 2


class GroupMetric(NamedTuple):
    """A metric over the runs of a group that count.

    `best` is None if it is unknown whether higher or lower is better. `odd` runs have a value that is not finite.
    """

    summary: Summary | None
    best: float | None
    odd: int

    @property
    def words(self) -> str:
        """The mean with half the width of its 95 % interval, how many runs there are, and what the mean leaves out."""
        left_out = f"{self.odd} NaN or ∞" if self.odd else ""
        if self.summary is None:
            return left_out
        mean, low, high = self.summary.mean, self.summary.low, self.summary.high
        if low is None or high is None:
            shown = number(mean)
        elif low == high:
            shown = f"{number(mean)}, all equal"
        else:
            shown = f"{mean_words(self.summary)} ± {number((high - low) / 2, _OF_AN_INTERVAL)}"
        return f"{shown} (n {self.summary.n:,}{', ' + left_out if left_out else ''})"


def group_metric(group: RunGroup, metric: str, directions: Directions = UNTOLD) -> GroupMetric:
    """Return a metric of a group, with Student's 95 % interval of its mean."""
    moments, odd = group.metrics.get(metric), group.odd.get(metric, 0)
    if moments is None:
        return GroupMetric(None, None, odd)
    higher = directions.higher_is_better(MetricValue.parse(metric).metric)
    best = None if higher is None else moments.largest if higher else moments.smallest
    return GroupMetric(summary_of(moments.mean, moments.deviation, moments.n), best, odd)


def group_document(
    group: RunGroup, metrics: tuple[str, ...], fields: tuple[str, ...], directions: Directions = UNTOLD
) -> dict[str, Any]:
    """Return a group as JSON; `fields` are the names of its values, if runs are grouped by fields."""
    found = {metric: group_metric(group, metric, directions) for metric in metrics}
    return {
        "values": dict(zip(fields, group.values, strict=True)) if fields else {},
        "runs": group.runs,
        "finished": group.finished,
        "counted": group.counted,
        "newest": group.newest,
        "metrics": {
            metric: {**each.summary._asdict(), "best": each.best, "not_finite": each.odd}
            for metric, each in found.items()
            if each.summary is not None
        },
    }
