"""A smaller search space around the best trials of a sweep."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from trainer.config.search import Dimension, SweepFile
from trainer.config.search.domains import Choices, Range
from trainer.errors import ConfigError
from trainer.format import count, counted
from trainer.sweeps.trial import Trial, best_trials

__all__ = ["FEWEST_TRIALS", "narrowed"]

FEWEST_TRIALS = 5
"""Number of complete trials below which the best of them say nothing about where to search."""
# The best fifth, and how much wider than them the new range is on either side, as a share of the old one.
_BEST, _FEWEST_BEST = 0.2, 3
_MARGIN = 0.05


def narrowed(sweep: SweepFile, trials: Sequence[Trial]) -> SweepFile:
    """Return the sweep with each domain narrowed to what the best fifth of its complete trials have.

    A range reaches a twentieth of its old width beyond them; a list keeps at least the two best of its choices, so that
    nothing is decided for good. Of several objectives, the Pareto front counts as the best.

    Raises:
        ConfigError: too few trials are complete, or no domain becomes smaller.
    """
    ranked = best_trials(trials, sweep.settings.maximizes)
    is_single = len(sweep.settings.objective) == 1
    if is_single and len(ranked) < FEWEST_TRIALS:
        raise ConfigError(
            f"Narrowing the space takes at least {counted(FEWEST_TRIALS, 'complete trial')}, got {count(len(ranked))}."
        )
    if not ranked:
        raise ConfigError("Narrowing the space takes complete trials, and there are none yet.")
    best = ranked[: max(_FEWEST_BEST, math.ceil(_BEST * len(ranked)))] if is_single else ranked
    dimensions = tuple(_around(each, best, ranked) for each in sweep.space.dimensions)
    if dimensions == sweep.space.dimensions:
        raise ConfigError("The best trials are spread over the whole space, so that there is nothing to narrow.")
    found = replace(sweep, space=replace(sweep.space, dimensions=dimensions))
    # Validates that the sampler suits the smaller space.
    return found.with_settings({})


def _around(dimension: Dimension, best: Sequence[Trial], ranked: Sequence[Trial]) -> Dimension:
    domain = dimension.domain
    values = [each.values[dimension.name] for each in best if dimension.name in each.values]
    known = [value for value in values if domain.has(value)]
    if not known:
        return dimension
    if isinstance(domain, Choices):
        return replace(dimension, domain=_fewer(domain, known, dimension.name, ranked))
    return replace(dimension, domain=_range(domain, known))


def _fewer(domain: Choices, values: Sequence[Any], name: str, ranked: Sequence[Trial]) -> Choices:
    kept = {domain.label(value) for value in values}
    for trial in ranked:
        if len(kept) > 1:
            break
        if name in trial.values and domain.has(trial.values[name]):
            kept.add(domain.label(trial.values[name]))
    if len(kept) < 2:
        return domain
    return replace(domain, options=tuple(each for each in domain.options if domain.label(each) in kept))


def _range(domain: Range, values: Sequence[float]) -> Range:
    if domain.step is not None:
        return _stepped(domain, values)
    low, high = min(values), max(values)
    if domain.log:
        margin = _MARGIN * math.log(domain.high / domain.low)
        low, high = low * math.exp(-margin), high * math.exp(margin)
    else:
        margin = _MARGIN * (domain.high - domain.low)
        low, high = low - margin, high + margin
    if domain.whole:
        # One at least on either side: an integer that all of the best share may still be next to a better one.
        low, high = min(math.floor(low), min(values) - 1), max(math.ceil(high), max(values) + 1)
    else:
        low, high = _short(low, math.floor), _short(high, math.ceil)
    low, high = max(domain.low, low), min(domain.high, high)
    return replace(domain, low=low, high=high) if low < high else domain


def _stepped(domain: Range, values: Sequence[float]) -> Range:
    last = (domain.size or 1) - 1
    first = max(0, min(map(domain.index, values)) - 1)
    end = min(last, max(map(domain.index, values)) + 1)
    return replace(domain, low=domain.stepped(first), high=domain.stepped(end)) if first < end else domain


def _short(value: float, rounded: Any) -> float:
    """Round outwards to three significant digits, as a person would write the bound."""
    if not value:
        return 0.0
    decimals = 2 - math.floor(math.log10(abs(value)))
    scaled = rounded(value * 10.0**decimals)
    return float(scaled) / 10.0**decimals if decimals >= 0 else float(scaled * 10**-decimals)
