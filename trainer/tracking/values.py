"""Which value of a metric stands for a run: the last, the best, that at the best epoch of another metric, …"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from trainer.config import Directions
from trainer.errors import ConfigError
from trainer.format import cut
from trainer.tracking.run import Run, Series

__all__ = ["DEFAULT_WEIGHT", "MetricValue", "ReadHistories", "Reading", "undirected_metric", "values_of"]

DEFAULT_WEIGHT = 0.9
"""The weight of earlier values in the smoothed value, unless another is chosen."""

_MARK = "@"
_LARGEST_STEP = 2**63 - 1
_LONGEST_SHOWN = 100
_DIGITS = re.compile(r"[0-9]{1,19}")


ReadHistories = Callable[[Sequence[str], Sequence[str]], Mapping[str, Mapping[str, Series]]]
"""Returns run id → metric → history for ids and metrics."""


class Reading(StrEnum):
    """How one value is read from the history of a metric.

    `LAST`: as MLflow shows it. `KEPT`: of the epoch whose weights the run kept, as on Compare; else the last.
    `BEST`: the best finite value. `AT_BEST`: at the first step at which another metric was best.
    `STEP`: at one step. `SMOOTHED`: the bias-corrected exponential moving average of all finite values.
    """

    LAST = "last"
    KEPT = "kept"
    BEST = "best"
    AT_BEST = "best of"
    STEP = "step"
    SMOOTHED = "smoothed"


@dataclass(frozen=True, kw_only=True)
class MetricValue:
    """A metric, and which of its values to read. `other`, `step` and `weight` belong to one reading each.

    It is written `val_loss`, `val_loss@kept`, `val_loss@best`, `val_accuracy@best:val_loss`, `val_loss@step:10` or
    `val_loss@smoothed:0.9`. MLflow allows no `@` in a metric's name.
    """

    metric: str
    reading: Reading = Reading.LAST
    other: str = ""
    step: int = 0
    weight: float = DEFAULT_WEIGHT

    @classmethod
    def parse(cls, text: str, *, bare: Reading = Reading.LAST) -> "MetricValue":
        """Return the value that a text names.

        Args:
            text: the name of a metric, alone or with a reading: `val_accuracy@best:val_loss`.
            bare: the reading of a name alone.

        Raises:
            ConfigError: the text after `@` is not a reading.
        """
        metric, mark, how = text.partition(_MARK)
        if not mark:
            return cls(metric=text, reading=bare)
        word, _, detail = how.partition(":")
        shown = cut(text, _LONGEST_SHOWN)
        if not metric:
            raise ConfigError(f"No metric before `@` in {shown!r}; expected a value such as `val_loss@best`.")
        if word == Reading.BEST:
            if detail in {"", metric}:
                return cls(metric=metric, reading=Reading.BEST)
            return cls(metric=metric, reading=Reading.AT_BEST, other=detail)
        if word in {Reading.LAST, Reading.KEPT} and not detail:
            return cls(metric=metric, reading=Reading(word))
        # Python refuses to read numbers of thousands of digits.
        if word == Reading.STEP and _DIGITS.fullmatch(detail) and int(detail) <= _LARGEST_STEP:
            return cls(metric=metric, reading=Reading.STEP, step=int(detail))
        weight = _weight(detail) if word == Reading.SMOOTHED else None
        if weight is not None:
            return cls(metric=metric, reading=Reading.SMOOTHED, weight=weight)
        raise ConfigError(
            f"Unknown value {shown!r} of a metric; expected `@last`, `@kept`, `@best`, `@best:METRIC`, "
            "`@step:NUMBER` or `@smoothed:WEIGHT` with a weight from 0 to below 1 after the metric's name."
        )

    def __str__(self) -> str:
        """As in addresses and commands."""
        details = {
            Reading.LAST: "last",
            Reading.KEPT: "kept",
            Reading.BEST: "best",
            Reading.AT_BEST: f"best:{self.other}",
            Reading.STEP: f"step:{self.step}",
            Reading.SMOOTHED: f"smoothed:{self.weight}",
        }
        return f"{self.metric}{_MARK}{details[self.reading]}"

    @property
    def label(self) -> str:
        """As the head of a column: `val_accuracy at best val_loss`."""
        details = {
            Reading.LAST: ", last",
            Reading.KEPT: ", kept weights",
            Reading.BEST: ", best",
            Reading.AT_BEST: f" at best {self.other}",
            Reading.STEP: f" at step {self.step:,}",
            Reading.SMOOTHED: f", smoothed {self.weight}",
        }
        return self.metric + details[self.reading]

    @property
    def chosen_by(self) -> str:
        """The metric whose direction the reading depends on; empty if it depends on none."""
        return {Reading.BEST: self.metric, Reading.AT_BEST: self.other}.get(self.reading, "")

    @property
    def histories(self) -> tuple[str, ...]:
        """The metrics whose histories the value is read from; none for the last value and that of the kept weights."""
        if self.reading in {Reading.LAST, Reading.KEPT}:
            return ()
        return (self.metric, self.other) if self.other else (self.metric,)

    def of_run(self, run: Run) -> float | None:
        """Return the last value or that of the kept weights, which need no history; None if the run has none."""
        return (run.kept_metrics if self.reading is Reading.KEPT else run.metrics).get(self.metric)

    def of_history(self, history: Mapping[str, Series], directions: Directions) -> float | None:
        """Return the value in a run's histories, by metric.

        None if there is none: no such metric or step, or an unknown direction. NaN if no value is finite.
        """
        own = history.get(self.metric)
        if own is None or not own.values:
            return None
        if self.reading is Reading.STEP:
            return _at(own, self.step)
        if self.reading is Reading.SMOOTHED:
            return _smoothed(own, self.weight)
        judged, higher = history.get(self.chosen_by), directions.higher_is_better(self.chosen_by)
        if judged is None or higher is None:
            return None
        best = _best(judged, higher=higher)
        if self.reading is Reading.BEST:
            return math.nan if best is None else best[1]
        return None if best is None else _at(own, best[0])

    def unknown(self, columns: Collection[tuple[str, str]]) -> tuple[str, ...]:
        """Return a sentence for each metric that no run has.

        Args:
            columns: every (kind, name) in the store, as `RunReader.columns` returns them.
        """
        known = [name for kind, name in columns if kind == "metric"]
        return tuple(_unknown(name, known) for name in (self.metric, self.other) if name and name not in known)


def undirected_metric(value: MetricValue, directions: Directions) -> str:
    """Return the metric that must get a direction before the value can be read; empty if none must."""
    return value.chosen_by if value.chosen_by and directions.higher_is_better(value.chosen_by) is None else ""


def values_of(
    runs: Sequence[Run],
    asked: Mapping[str, MetricValue],
    directions: Directions,
    read: ReadHistories,
) -> dict[str, dict[str, float]]:
    """Return run id → name in `asked` → value, where there is one.

    Args:
        runs: the runs.
        asked: name → which value of which metric.
        directions: the directions in which metrics improve.
        read: called only if a value needs histories.
    """
    keys = list(dict.fromkeys(key for value in asked.values() for key in value.histories))
    histories = read([run.run_id for run in runs], keys) if keys else {}
    found: dict[str, dict[str, float]] = {}
    for run in runs:
        history = histories.get(run.run_id, {})
        numbers = (
            (name, value.of_history(history, directions) if value.histories else value.of_run(run))
            for name, value in asked.items()
        )
        found[run.run_id] = {name: number for name, number in numbers if number is not None}
    return found


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"No run has a metric {name!r}{f'; did you mean {near[0]!r}?' if near else '.'}"


def _weight(text: str) -> float | None:
    try:
        weight = float(text or DEFAULT_WEIGHT)
    except ValueError:
        return None
    return weight if 0 <= weight < 1 else None


def _best(series: Series, *, higher: bool) -> tuple[int, float] | None:
    """Return step and value of the first best finite value."""
    finite = [pair for pair in zip(series.steps, series.values, strict=True) if math.isfinite(pair[1])]
    # `max` and `min` return the first of equal values, and steps are in order.
    return (max if higher else min)(finite, key=lambda pair: pair[1]) if finite else None


def _at(series: Series, step: int) -> float | None:
    """Return the value at a step; the last, if it was logged several times."""
    for known, value in zip(reversed(series.steps), reversed(series.values), strict=True):
        if known == step:
            return value
    return None


def _smoothed(series: Series, weight: float) -> float:
    """Return the moving average of Adam (https://arxiv.org/abs/1412.6980, section 3) at the end of a series."""
    mean, share = 0.0, 0.0
    for value in series.values:
        if math.isfinite(value):
            mean = weight * mean + (1 - weight) * value
            share = weight * share + (1 - weight)
    return mean / share if share else math.nan
