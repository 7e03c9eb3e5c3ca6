"""Which metrics say most of a run, and which way each is better."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainer.config.metrics.names import MeasuredPart, MetricName

__all__ = ["UNTOLD", "Directions", "main_metrics", "ranked_metrics"]

_ORDER = (MeasuredPart.TEST, MeasuredPart.VALIDATION, MeasuredPart.TRAINING, MeasuredPart.SYSTEM)
_ENOUGH = 0.25
"""Of the runs that have the commonest metric, the share that must have a metric for it to get a column."""


@dataclass(frozen=True, kw_only=True)
class Directions:
    """Which way metrics are better: what a person said of some of them, and what the names of the others say.

    What is said of a metric holds for it on every part of the data: `val_cost` as `cost`.
    """

    higher: frozenset[str] = frozenset()
    lower: frozenset[str] = frozenset()

    @classmethod
    def of(cls, higher: Iterable[str], lower: Iterable[str]) -> "Directions":
        """As a person said: the names of metrics of which more is better, and of those of which less is."""
        return cls(higher=frozenset(map(_base, higher)), lower=frozenset(map(_base, lower)))

    def higher_is_better(self, name: str) -> bool | None:
        """Whether more is better; None where nobody said so and the name does not, or where both were said."""
        said = (_base(name) in self.higher, _base(name) in self.lower)
        return MetricName.of(name).higher_is_better if said == (False, False) else None if all(said) else said[0]


UNTOLD = Directions()
"""Nothing but what names say."""


def _base(name: str) -> str:
    return MetricName.of(name).base


def ranked_metrics(names: Iterable[str]) -> list[str]:
    """Results with the most telling first: of the test part, of the validation part, of training; the loss last.

    Of names that say the same, as `val_loss` and `validation_loss`, the shortest comes first.
    """
    return sorted({name for name in names if MetricName.of(name).is_result}, key=_rank)


def _rank(name: str) -> tuple[int, bool, bool, str, int, str]:
    found = MetricName.of(name)
    part, has_no_direction = _ORDER.index(found.part), found.higher_is_better is None
    return part, found.base == "loss", has_no_direction, found.base, len(name), name


def main_metrics(runs: Sequence[Mapping[str, float]], count: int = 3) -> list[str]:
    """The metrics to show of these runs, from each run's latest: the most telling that enough of them have."""
    having = Counter(name for metrics in runs for name in metrics if MetricName.of(name).is_result)
    commonest = max(having.values(), default=0)
    common = ranked_metrics(name for name, number in having.items() if number >= commonest * _ENOUGH)
    return common[:count]
