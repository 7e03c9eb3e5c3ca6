"""Which metrics say most of a run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from trainer.config.metrics.names import MeasuredPart, MetricName

__all__ = ["main_metrics", "ranked_metrics"]

_ORDER = (MeasuredPart.TEST, MeasuredPart.VALIDATION, MeasuredPart.TRAINING, MeasuredPart.SYSTEM)
_ENOUGH = 0.25
"""Of the runs that have the commonest metric, the share that must have a metric for it to get a column."""


def ranked_metrics(names: Iterable[str]) -> list[str]:
    """Results with the most telling first: of the test part, of the validation part, of training; the loss last."""
    return sorted({name for name in names if MetricName.of(name).is_result}, key=_rank)


def _rank(name: str) -> tuple[int, bool, bool, str]:
    found = MetricName.of(name)
    return _ORDER.index(found.part), found.base == "loss", found.higher_is_better is None, found.base


def main_metrics(runs: Sequence[Mapping[str, float]], count: int = 3) -> list[str]:
    """The metrics to show of these runs, from each run's latest: the most telling that enough of them have."""
    having = Counter(name for metrics in runs for name in metrics if MetricName.of(name).is_result)
    commonest = max(having.values(), default=0)
    common = ranked_metrics(name for name, number in having.items() if number >= commonest * _ENOUGH)
    return common[:count]
