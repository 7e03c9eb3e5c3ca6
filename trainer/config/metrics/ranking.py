"""The most informative metrics of a run, and the direction in which each improves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainer.config.metrics.names import MeasuredPart, MetricName

__all__ = ["UNTOLD", "Directions", "main_metrics", "ranked_metrics"]

_ORDER = (MeasuredPart.TEST, MeasuredPart.VALIDATION, MeasuredPart.TRAINING, MeasuredPart.SYSTEM)
# Fraction of the runs with the most common metric that must have another for it to get a column.
_ENOUGH = 0.25


@dataclass(frozen=True, kw_only=True)
class Directions:
    """The directions in which metrics improve: those that a person chose, and otherwise those that names imply.

    A chosen direction applies to a metric on every part of the data: to `val_cost` as to `cost`.
    """

    higher: frozenset[str] = frozenset()
    lower: frozenset[str] = frozenset()

    @classmethod
    def of(cls, higher: Iterable[str], lower: Iterable[str]) -> "Directions":
        """Return the directions for metrics of which `higher`, or `lower`, values are better."""
        return cls(higher=frozenset(map(_base, higher)), lower=frozenset(map(_base, lower)))

    def higher_is_better(self, name: str) -> bool | None:
        """Return whether higher is better, or None if it is unknown or if both directions were chosen."""
        said = (_base(name) in self.higher, _base(name) in self.lower)
        return MetricName.of(name).higher_is_better if said == (False, False) else None if all(said) else said[0]


UNTOLD = Directions()
"""Directions implied by names alone."""


def _base(name: str) -> str:
    return MetricName.of(name).base


def ranked_metrics(names: Iterable[str]) -> list[str]:
    """Return the results, most informative first: test, validation, then training metrics; the loss last in each.

    Of equivalent names, such as `val_loss` and `validation_loss`, the shortest comes first.
    """
    return sorted({name for name in names if MetricName.of(name).is_result}, key=_rank)


def _rank(name: str) -> tuple[int, bool, bool, str, int, str]:
    found = MetricName.of(name)
    part, has_no_direction = _ORDER.index(found.part), found.higher_is_better is None
    # Losses of different configs may be of different kinds, so they come after the metrics of the same part.
    return part, found.base == "loss", has_no_direction, found.base, len(name), name


def main_metrics(runs: Sequence[Mapping[str, float]], count: int = 3) -> list[str]:
    """Return the metrics to show for these runs, given each run's latest values: the first that enough runs have."""
    having = Counter(name for metrics in runs for name in metrics if MetricName.of(name).is_result)
    commonest = max(having.values(), default=0)
    common = ranked_metrics(name for name, number in having.items() if number >= commonest * _ENOUGH)
    return common[:count]
