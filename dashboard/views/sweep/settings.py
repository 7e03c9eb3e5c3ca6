"""The values of trials as variables, which the charts of settings draw."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts.colors import QUIET
from dashboard.charts.compare import Line
from trainer.comparison import Variable, measured
from trainer.config.search import Choices, Dimension
from trainer.format import short_number
from trainer.sweeps import Trial

__all__ = ["lines_of", "result_of", "value_words", "variable_of"]

_NAMES = ("name", "layer", "callback")


def value_words(value: Any) -> str:
    """Return the value of a setting as a person reads it: `0.001`, `SGD, momentum 0.9`, `yes`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return short_number(value)
    if isinstance(value, Mapping):
        kind = next((str(value[name]) for name in _NAMES if name in value), "")
        fields = [f"{name} {value_words(each)}" for name, each in value.items() if name not in _NAMES]
        return ", ".join(filter(None, [kind, *fields]))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_words, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def variable_of(dimension: Dimension, trials: Sequence[Trial]) -> Variable:
    """Return the values of one setting, with None where it does not apply to a trial."""
    values = [each.values.get(dimension.name) for each in trials]
    is_number = not isinstance(dimension.domain, Choices) or all(map(_is_number, dimension.domain.options))
    texts = tuple(None if value is None else value_words(value) for value in values)
    if not is_number or not all(value is None or _is_number(value) for value in values):
        return Variable(dimension.name, texts)
    return Variable(dimension.name, texts, tuple(math.nan if value is None else float(value) for value in values))


def result_of(name: str, at: int, trials: Sequence[Trial]) -> Variable:
    """Return an objective, by its place among the objectives, as a variable."""
    return measured(name, [each.results[at] if at < len(each.results) else None for each in trials])


def lines_of(trials: Sequence[Trial]) -> list[Line]:
    """Return the lines that stand for trials, which the charts name by their numbers."""
    return [Line(each.run_id, f"trial {each.number}", QUIET, "solid") for each in trials]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
