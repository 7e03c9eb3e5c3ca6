"""The params in which runs differ, and the values of a metric, as one value per run."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.format import number
from trainer.tracking import Run

__all__ = ["Variable", "measured", "settings_of"]

# Params of Fitboard's own runs that follow from other params.
_DERIVED = frozenset({"layers", "parameters", "trainable_parameters"})


class Variable(NamedTuple):
    """A param or a metric, with one value for each of some runs.

    `texts` (runs,) are params as they were logged, or metrics in words; None where a run has none. `numbers` (runs,)
    are the same as numbers, NaN where a run has none; None if a param is not a finite number. `also` names the params
    that divide the runs in the same way, whose effects cannot be told apart from this one's.
    """

    name: str
    texts: tuple[str | None, ...]
    numbers: tuple[float, ...] | None = None
    also: tuple[str, ...] = ()


def settings_of(runs: Sequence[Run]) -> tuple[Variable, ...]:
    """Return the params that are not the same in all runs, in the order in which they were logged.

    Params that always vary together are one variable, named after the first of them. What only summarizes other params
    of Fitboard's runs is left out.
    """
    params = [_params(run) for run in runs]
    firsts: dict[tuple[int, ...], Variable] = {}
    for name in dict.fromkeys(name for one in params for name in one):
        texts = tuple(one.get(name) for one in params)
        parts = _parts(texts)
        if len(set(parts)) < 2:
            continue
        known = firsts.get(parts)
        firsts[parts] = known._replace(also=(*known.also, name)) if known else Variable(name, texts, _numbers(texts))
    return tuple(firsts.values())


def measured(name: str, values: Sequence[float | None]) -> Variable:
    """Return a metric as a variable; a value of None or NaN is missing."""
    numbers = tuple(math.nan if value is None else value for value in values)
    return Variable(name, tuple(None if math.isnan(each) else number(each) for each in numbers), numbers)


def _params(run: Run) -> Mapping[str, str]:
    if not run.by_fitboard:
        return run.params
    return {name: value for name, value in run.params.items() if name not in _DERIVED}


def _parts(texts: Sequence[str | None]) -> tuple[int, ...]:
    """Return for each run the number of its value, counted in the order of the runs: `a b a` is 0 1 0."""
    numbers: dict[str | None, int] = {}
    return tuple(numbers.setdefault(text, len(numbers)) for text in texts)


def _numbers(texts: Sequence[str | None]) -> tuple[float, ...] | None:
    try:
        numbers = tuple(math.nan if text is None else float(text) for text in texts)
    except ValueError:
        return None
    is_finite = all(text is None or math.isfinite(number) for text, number in zip(texts, numbers, strict=True))
    return numbers if is_finite else None
